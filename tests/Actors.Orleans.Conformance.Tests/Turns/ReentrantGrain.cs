using Orleans.Concurrency;

namespace Actors.Conformance.Turns;

[Reentrant]
public sealed class ReentrantGrain(Probe probe) : Grain, IReentrantGrain
{
    private int _total;

    public Task WaitAsync(string signal) => probe.GateAsync(signal);

    public async Task CountAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            // Not atomic: only right when one turn runs at a time.
            int read = _total;
            Thread.SpinWait(50);
            _total = read + 1;
            await Task.Yield();
        }
    }

    public Task<int> TotalAsync() => Task.FromResult(_total);
}
