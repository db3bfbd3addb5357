namespace Actors.Conformance.Timers;

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private bool _inCall;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        this.RegisterGrainTimer(() => Task.FromResult(probe.Count(key + " activation")), TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        // Long enough for the first tick to be due while the grain is not yet active.
        return Task.Delay(100, cancellationToken);
    }

    public Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave, int stopAfter, bool fail)
    {
        _timer = this.RegisterGrainTimer(
            (state, ct) =>
            {
                int tick = probe.Count(state);
                probe.Signal($"{state} {tick}", _inCall ? "in a call" : "alone");
                if (tick == stopAfter)
                    _timer!.Dispose();
                return fail ? throw new InvalidOperationException("A tick failed.") : Task.CompletedTask;
            },
            name,
            new GrainTimerCreationOptions { DueTime = due, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public async Task WaitAsync(string signal)
    {
        _inCall = true;
        await probe.GateAsync(signal);
        _inCall = false;
    }

    public Task StartWithTokenAsync(string name)
    {
        this.RegisterGrainTimer(
            ct =>
            {
                ct.Register(() => probe.Signal(name + " cancelled"));
                probe.Signal(name + " ticked");
                return Task.CompletedTask;
            },
            TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
