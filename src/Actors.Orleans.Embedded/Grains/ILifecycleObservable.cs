namespace Orleans;

/// <summary>Something with stages to take part in.</summary>
public interface ILifecycleObservable
{
    /// <summary>Takes part in a stage until the result is disposed.</summary>
    IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
}
