namespace Actors.Conformance.Lifetime;

/// <summary>A grain without the base class, whose constructor takes its context and a service.</summary>
public sealed class PlainGrain(IGrainContext context, Probe probe) : IGrainBase, IPlainGrain, IAsyncDisposable
{
    private bool _activated;

    public IGrainContext GrainContext => context;

    public Task OnActivateAsync(CancellationToken token)
    {
        _activated = true;
        return Task.CompletedTask;
    }

    public Task<string> GetAsync()
    {
        this.DeactivateOnIdle();
        return Task.FromResult($"{_activated} {context.GrainId}");
    }

    public ValueTask DisposeAsync()
    {
        probe.Signal(context.GrainId + " disposed");
        return default;
    }
}
