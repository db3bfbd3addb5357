using Orleans.Configuration;
using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance.Cancellation;

public sealed class CancellationTests(CancellationTests.Silo silo) : IClassFixture<CancellationTests.Silo>
{
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource _cancellation = new();

    private ICancellableGrain Grain => silo.Grains.GetGrain<ICancellableGrain>(_name);

    [Fact]
    public async Task Cancel_RunningCall_CancelsTheTokenOfTheGrainInATurn()
    {
        Task call = Grain.WaitAsync(_name, _cancellation.Token);
        await silo.Probe.WaitAsync(_name + " started");
        await _cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("in a turn", await silo.Probe.WaitAsync(_name + " ended"));
    }

    [Fact]
    public async Task Cancel_CallWhoseGrainIgnoresIt_ReleasesTheCallerAtOnce()
    {
        Task call = Grain.IgnoreAsync(_name, isCancelledLater: true, _cancellation.Token);
        await silo.Probe.WaitAsync(_name + " started");
        await _cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(silo.Probe.HasSignal(_name + " ended"));
        silo.Probe.Signal(_name + " go");
        await silo.Probe.WaitAsync(_name + " ended");
    }

    [Fact]
    public async Task Cancel_BeforeTheCall_DoesNotReachTheGrain()
    {
        await _cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Grain.WaitAsync(_name, _cancellation.Token));
        Assert.Equal(0, silo.Probe.CountOf(_name + " runs"));
    }

    [Fact]
    public async Task Cancel_CallThatWaitsForItsTurn_DoesNotHoldTheGrainAfterwards()
    {
        Task first = Grain.IgnoreAsync(_name, isCancelledLater: false, default);
        await silo.Probe.WaitAsync(_name + " started");
        Task second = Grain.WaitAsync(_name + " second", _cancellation.Token);
        await _cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        silo.Probe.Signal(_name + " go");
        await first;
        // The second call would wait for ever: it was dropped, or it ran and saw the cancellation.
        await Grain.TokenInTheMiddleAsync(1, default, 2);
    }

    [Fact]
    public async Task Cancel_ThroughTwoCalls_ReachesTheLastGrain()
    {
        Task call = Grain.ForwardAsync(silo.Grains.GetGrain<ICancellableGrain>(_name + " other"), _name, _cancellation.Token);
        await silo.Probe.WaitAsync(_name + " started");
        await _cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await silo.Probe.WaitAsync(_name + " ended");
    }

    [Fact]
    public async Task Token_BetweenOtherParameters_Crosses() => Assert.True(await Grain.TokenInTheMiddleAsync(1, _cancellation.Token, 2));

    [Fact]
    public async Task Timeout_WithCancelRequestOnTimeout_CancelsTheGrain()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Grain.WaitAsync(_name, _cancellation.Token));
        await silo.Probe.WaitAsync(_name + " ended");
    }

    public sealed class Silo : SiloFixture
    {
        protected override void Configure(ISiloBuilder silo) => silo.Configure<SiloMessagingOptions>(o => o.CancelRequestOnTimeout = true);
    }
}
