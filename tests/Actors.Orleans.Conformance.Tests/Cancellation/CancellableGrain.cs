namespace Actors.Conformance.Cancellation;

public sealed class CancellableGrain(Probe probe) : Grain, ICancellableGrain
{
    public async Task WaitAsync(string name, CancellationToken cancellationToken)
    {
        probe.Count(name + " runs");
        probe.Signal(name + " started");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            probe.Signal(name + " ended", TaskScheduler.Current == TaskScheduler.Default ? "outside" : "in a turn");
        }
    }

    public async Task IgnoreAsync(string name, bool isCancelledLater, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        using CancellationTokenRegistration registration = cancellationToken.Register(cancelled.SetResult);
        probe.Signal(name + " started");
        await probe.GateAsync(name + " go");
        if (isCancelledLater)
            await cancelled.Task;
        probe.Signal(name + " ended");
    }

    public Task<bool> TokenInTheMiddleAsync(int before, CancellationToken cancellationToken, int after) =>
        Task.FromResult(cancellationToken.CanBeCanceled && before == 1 && after == 2);

    public Task ForwardAsync(ICancellableGrain other, string name, CancellationToken cancellationToken) => other.WaitAsync(name, cancellationToken);
}
