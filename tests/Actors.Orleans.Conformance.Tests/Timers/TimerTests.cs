using Xunit;

namespace Actors.Conformance.Timers;

public sealed class TimerTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;
    private readonly string _name = Guid.NewGuid().ToString("N");

    private ITimerGrain Grain => silo.Grains.GetGrain<ITimerGrain>(_name);

    [Fact]
    public async Task Timer_WithAPeriod_TicksAgainAndAgain()
    {
        await Grain.StartAsync(_name, TimeSpan.Zero, Short, interleave: false, stopAfter: 3, fail: false);
        await silo.Probe.WaitAsync(_name + " 3");
    }

    [Fact]
    public async Task Timer_ThatIsDisposed_TicksNoMore()
    {
        await Grain.StartAsync(_name, TimeSpan.Zero, Short, interleave: false, stopAfter: 2, fail: false);
        await silo.Probe.WaitAsync(_name + " 2");
        await Grain.StartAsync(_name + "b", TimeSpan.Zero, Short, interleave: false, stopAfter: 5, fail: false);
        await silo.Probe.WaitAsync(_name + "b 5");
        Assert.Equal(2, silo.Probe.CountOf(_name));
    }

    [Fact]
    public async Task Timer_WithoutAPeriod_TicksOnce()
    {
        await Grain.StartAsync(_name, TimeSpan.Zero, Never, interleave: false, stopAfter: 0, fail: false);
        await silo.Probe.WaitAsync(_name + " 1");
        await silo.Grains.GetGrain<ITimerGrain>(_name + "b").StartAsync(_name + "b", TimeSpan.Zero, Short, interleave: false, stopAfter: 5, fail: false);
        await silo.Probe.WaitAsync(_name + "b 5");
        Assert.Equal(1, silo.Probe.CountOf(_name));
    }

    [Fact]
    public async Task Timer_WhoseCallbackThrows_GoesOn()
    {
        await Grain.StartAsync(_name, TimeSpan.Zero, Short, interleave: false, stopAfter: 3, fail: true);
        await silo.Probe.WaitAsync(_name + " 3");
    }

    [Fact]
    public async Task Timer_Changed_FollowsTheNewTimes()
    {
        await Grain.StartAsync(_name, Never, Never, interleave: false, stopAfter: 2, fail: false);
        await Grain.ChangeAsync(TimeSpan.Zero, Short);
        await silo.Probe.WaitAsync(_name + " 2");
    }

    [Fact]
    public async Task Timer_ThatDoesNotInterleave_WaitsForTheCallThatRuns()
    {
        await Grain.StartAsync(_name, Short, Never, interleave: false, stopAfter: 0, fail: false);
        Task call = Grain.WaitAsync(_name + " go");
        await silo.Grains.GetGrain<ITimerGrain>(_name + "b").StartAsync(_name + "b", TimeSpan.Zero, Short, interleave: false, stopAfter: 5, fail: false);
        await silo.Probe.WaitAsync(_name + "b 5");
        Assert.Equal(0, silo.Probe.CountOf(_name));
        silo.Probe.Signal(_name + " go");
        await call;
        Assert.Equal("alone", await silo.Probe.WaitAsync(_name + " 1"));
    }

    [Fact]
    public async Task Timer_ThatInterleaves_TicksWhileACallWaits()
    {
        await Grain.StartAsync(_name, Never, Never, interleave: true, stopAfter: 0, fail: false);
        await Grain.ChangeAsync(TimeSpan.FromMilliseconds(300), Never);
        Task call = Grain.WaitAsync(_name + " go");
        Assert.Equal("in a call", await silo.Probe.WaitAsync(_name + " 1"));
        silo.Probe.Signal(_name + " go");
        await call;
    }

    [Fact]
    public async Task Timer_RegisteredAtActivation_TicksWhenTheGrainIsActive()
    {
        await Grain.StartAsync(_name, TimeSpan.Zero, Short, interleave: false, stopAfter: 5, fail: false);
        await silo.Probe.WaitAsync(_name + " 5");
        Assert.InRange(silo.Probe.CountOf(_name + " activation"), 2, int.MaxValue);
    }

    [Fact]
    public async Task Timer_OfAnActivationThatEnds_IsCancelled()
    {
        await Grain.StartWithTokenAsync(_name);
        await silo.Probe.WaitAsync(_name + " ticked");
        await Grain.DeactivateAsync();
        await silo.Probe.WaitAsync(_name + " cancelled");
    }
}
