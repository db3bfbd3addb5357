using Orleans.Runtime;

namespace Actors.Conformance.Turns;

public sealed class TurnGrain(Probe probe) : Grain, ITurnGrain
{
    private readonly List<int> _numbers = [];
    private int _inside;

    public async Task AppendAsync(int number)
    {
        if (++_inside != 1)
            throw new InvalidOperationException("Two calls are inside a grain that is not reentrant.");
        await Task.Yield();
        _numbers.Add(number);
        await Task.Yield();
        _inside--;
    }

    public Task<List<int>> AppendedAsync() => Task.FromResult(_numbers);

    public Task WaitAsync(string signal)
    {
        probe.Signal(signal + " started");
        return probe.GateAsync(signal);
    }

    public Task<string> InterleaveAsync() => Task.FromResult("interleaved");

    public Task WaitReadOnlyAsync(string signal)
    {
        probe.Signal(signal + " started");
        return probe.GateAsync(signal);
    }

    public Task<string> ReadOnlyAsync() => Task.FromResult("read");

    public async Task<bool> KeepsItsSchedulerAsync()
    {
        TaskScheduler before = TaskScheduler.Current;
        await Task.Delay(1);
        TaskScheduler after = TaskScheduler.Current;
        return before != TaskScheduler.Default && before == after;
    }

    public async Task<string> CallBackAsync(ITurnGrain other, bool allow)
    {
        ITurnGrain self = this.AsReference<ITurnGrain>();
        if (!allow)
            return await other.ForwardAsync(self);
        using (RequestContext.AllowCallChainReentrancy())
            return await other.ForwardAsync(self);
    }

    public Task<string> ForwardAsync(ITurnGrain target) => target.PlainAsync();

    public Task<string> PlainAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> CallSelfAsync() => this.AsReference<ITurnGrain>().PlainAsync();
}
