namespace Orleans;

/// <summary>Takes part in a stage.</summary>
public interface ILifecycleObserver
{
    /// <summary>The stage begins.</summary>
    Task OnStart(CancellationToken cancellationToken = default);

    /// <summary>The stage ends.</summary>
    Task OnStop(CancellationToken cancellationToken = default);
}
