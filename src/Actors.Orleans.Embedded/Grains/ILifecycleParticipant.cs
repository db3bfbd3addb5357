namespace Orleans;

/// <summary>A component that subscribes itself to a lifecycle.</summary>
public interface ILifecycleParticipant<TLifecycleObservable> where TLifecycleObservable : ILifecycleObservable
{
    /// <summary>Subscribes.</summary>
    void Participate(TLifecycleObservable lifecycle);
}
