namespace Orleans.Runtime;

/// <summary>Stages of an activation's life.</summary>
public interface IGrainLifecycle : ILifecycleObservable;
