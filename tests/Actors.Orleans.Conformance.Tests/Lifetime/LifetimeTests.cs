using Orleans.Configuration;
using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance.Lifetime;

public sealed class LifetimeTests(LifetimeTests.Silo silo) : IClassFixture<LifetimeTests.Silo>
{
    private readonly string _name = Guid.NewGuid().ToString("N");

    private ILifetimeGrain Grain => silo.Grains.GetGrain<ILifetimeGrain>(_name);

    [Fact]
    public async Task Activation_ThatThrows_FailsTheCallsThatWaitForItAndTheNextCallTriesAgain()
    {
        var grain = silo.Grains.GetGrain<ILifetimeGrain>("failing " + _name);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ActivationAsync());
        Assert.Equal("Not ready yet.", e.Message);
        Assert.NotEmpty(await grain.ActivationAsync());
        Assert.False(silo.Probe.HasSignal("failing " + _name + " ended"));
    }

    [Fact]
    public async Task DeactivateOnIdle_EndsTheActivationAndTheNextCallMakesAnother()
    {
        string first = await Grain.DeactivateAsync();
        Assert.Equal(nameof(DeactivationReasonCode.ApplicationRequested), await silo.Probe.WaitAsync(first + " ended"));
        Assert.NotEqual(first, await Grain.ActivationAsync());
    }

    [Fact]
    public async Task DeactivateOnIdle_DuringACall_WaitsForItsEndAndLosesNoCall()
    {
        Task running = Grain.DeactivateAndWaitAsync(_name);
        await silo.Probe.WaitAsync(_name + " started");
        Task<string> next = Grain.ActivationAsync();
        silo.Probe.Signal(_name);
        await running;
        Assert.Equal("before its end", await silo.Probe.WaitAsync(_name + " finished"));
        Assert.NotEmpty(await next);
        await silo.Probe.WaitAsync(_name + " ended");
    }

    [Fact]
    public async Task IdleActivation_IsCollected()
    {
        string activation = await Grain.ActivationAsync();
        Assert.Equal(nameof(DeactivationReasonCode.ActivationIdle), await silo.Probe.WaitAsync(activation + " ended"));
        Assert.NotEqual(activation, await Grain.ActivationAsync());
    }

    [Fact]
    public async Task DelayDeactivation_KeepsAnActivationWhenOthersAreCollected()
    {
        string kept = await Grain.DelayDeactivationAsync(TimeSpan.FromMinutes(1));
        string other = await silo.Grains.GetGrain<ILifetimeGrain>(_name + " other").ActivationAsync();
        await silo.Probe.WaitAsync(other + " ended");
        Assert.Equal(kept, await Grain.ActivationAsync());
    }

    [Fact]
    public async Task GrainWithoutBaseClass_IsActivatedAndDisposed()
    {
        var grain = silo.Grains.GetGrain<IPlainGrain>(_name);
        Assert.Equal($"True plain/{_name}", await grain.GetAsync());
        await silo.Probe.WaitAsync($"plain/{_name} disposed");
    }

    [Fact]
    public async Task SiloStop_DeactivatesWhatIsActive()
    {
        var other = new SiloFixture();
        await other.InitializeAsync();
        string activation = await other.Grains.GetGrain<ILifetimeGrain>(_name).ActivationAsync();
        Probe probe = other.Probe;
        await other.DisposeAsync();
        Assert.Equal(nameof(DeactivationReasonCode.ShuttingDown), await probe.WaitAsync(activation + " ended"));
    }

    public sealed class Silo : SiloFixture
    {
        protected override void Configure(ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionQuantum = TimeSpan.FromMilliseconds(300);
            o.CollectionAge = TimeSpan.FromSeconds(1);
        });
    }
}
