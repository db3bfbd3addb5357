namespace Actors.Conformance.Lifetime;

public sealed class LifetimeGrain(Probe probe) : Grain, ILifetimeGrain
{
    private readonly string _activation = Guid.NewGuid().ToString("N");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (this.GetPrimaryKeyString().StartsWith("failing", StringComparison.Ordinal) && probe.Count(this.GetPrimaryKeyString()) == 1)
            throw new InvalidOperationException("Not ready yet.");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Signal(_activation + " ended", reason.ReasonCode.ToString());
        probe.Signal(this.GetPrimaryKeyString() + " ended");
        return Task.CompletedTask;
    }

    public Task<string> ActivationAsync() => Task.FromResult(_activation);

    public Task<string> DelayDeactivationAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.FromResult(_activation);
    }

    public Task<string> DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.FromResult(_activation);
    }

    public async Task DeactivateAndWaitAsync(string signal)
    {
        DeactivateOnIdle();
        probe.Signal(signal + " started");
        await probe.GateAsync(signal);
        probe.Signal(signal + " finished", probe.HasSignal(_activation + " ended") ? "after its end" : "before its end");
    }
}
