using Xunit;

namespace Actors.Conformance.Turns;

public sealed class TurnTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _name = Guid.NewGuid().ToString("N");

    private ITurnGrain Grain => silo.Grains.GetGrain<ITurnGrain>(_name);

    [Fact]
    public async Task Calls_AwaitedOneByOne_RunInTheirOrder()
    {
        for (int i = 0; i < 50; i++)
            await Grain.AppendAsync(i);
        Assert.Equal(Enumerable.Range(0, 50), await Grain.AppendedAsync());
    }

    [Fact]
    public async Task Calls_OfManyCallersNotAwaited_RunOneAtATimeAndEachOnce()
    {
        // Orleans promises no order among calls that are under way at the same time.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Grain.AppendAsync((caller * 20) + i))))));
        List<int> all = await Grain.AppendedAsync();
        Assert.Equal(Enumerable.Range(0, 160), all.Order());
    }

    [Fact]
    public async Task Await_InsideATurn_ContinuesOnTheGrainsScheduler() => Assert.True(await Grain.KeepsItsSchedulerAsync());

    [Fact]
    public async Task Call_WhileAnotherWaits_WaitsItsTurn()
    {
        Task waiting = Grain.WaitAsync(_name);
        await silo.Probe.WaitAsync(_name + " started");
        Task<string> plain = Grain.PlainAsync();
        Assert.Equal("interleaved", await Grain.InterleaveAsync());
        Assert.False(plain.IsCompleted);
        silo.Probe.Signal(_name);
        await waiting;
        Assert.Equal(_name, await plain);
    }

    [Fact]
    public async Task ReadOnly_WhileAReadOnlyCallWaits_Interleaves()
    {
        Task waiting = Grain.WaitReadOnlyAsync(_name);
        await silo.Probe.WaitAsync(_name + " started");
        Assert.Equal("read", await Grain.ReadOnlyAsync());
        Task<string> plain = Grain.PlainAsync();
        Assert.Equal("read", await Grain.ReadOnlyAsync());
        Assert.False(plain.IsCompleted);
        silo.Probe.Signal(_name);
        await waiting;
        Assert.Equal(_name, await plain);
    }

    [Fact]
    public async Task ReadOnly_WhileAnOrdinaryCallWaits_WaitsItsTurn()
    {
        Task waiting = Grain.WaitAsync(_name);
        await silo.Probe.WaitAsync(_name + " started");
        Task<string> read = Grain.ReadOnlyAsync();
        await Grain.InterleaveAsync();
        Assert.False(read.IsCompleted);
        silo.Probe.Signal(_name);
        await waiting;
        Assert.Equal("read", await read);
    }

    [Fact]
    public async Task Reentrant_CallWhileAnotherWaits_RunsAtOnce()
    {
        var grain = silo.Grains.GetGrain<IReentrantGrain>(_name);
        Task waiting = grain.WaitAsync(_name);
        Assert.Equal(0, await grain.TotalAsync());
        Assert.False(waiting.IsCompleted);
        silo.Probe.Signal(_name);
        await waiting;
    }

    [Fact]
    public async Task Reentrant_ManyCalls_StillRunOneTurnAtATime()
    {
        var grain = silo.Grains.GetGrain<IReentrantGrain>(_name);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.CountAsync(200)));
        Assert.Equal(4000, await grain.TotalAsync());
    }

    [Fact]
    public async Task CallChain_BackToItsStart_DeadlocksUntilTheResponseTimeout() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Grain.CallBackAsync(silo.Grains.GetGrain<ITurnGrain>(_name + " other"), allow: false));

    [Fact]
    public async Task CallChain_BackToItsStartInsideAReentrantSection_Runs() =>
        Assert.Equal(_name, await Grain.CallBackAsync(silo.Grains.GetGrain<ITurnGrain>(_name + " other"), allow: true));

    [Fact]
    public async Task Call_OfItself_DeadlocksUntilTheResponseTimeout() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Grain.CallSelfAsync());

    [Fact]
    public async Task StatelessWorker_MoreCallsThanWorkers_RunOnAsManyActivationsAsAllowed()
    {
        var worker = silo.Grains.GetGrain<IWorkerGrain>(_name.GetHashCode(StringComparison.Ordinal));
        Task<string> first = worker.WorkAsync(_name + "1", _name + " go");
        Task<string> second = worker.WorkAsync(_name + "2", _name + " go");
        await silo.Probe.WaitAsync(_name + "1");
        await silo.Probe.WaitAsync(_name + "2");
        Task<string> third = worker.WorkAsync(_name + "3", _name + " go");
        silo.Probe.Signal(_name + " go");
        Assert.NotEqual(await first, await second);
        Assert.Contains(await third, new[] { await first, await second });
    }
}
