using Orleans.Runtime;
using Xunit;

namespace Actors.Conformance.Calls;

public sealed class CallTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly ICallGrain _grain = silo.Grains.GetGrain<ICallGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Call_EachReturnShape_GivesItsResult()
    {
        await _grain.CompleteAsync();
        Assert.Equal(7, await _grain.EchoAsync(7));
        await _grain.CompleteValueAsync();
        Assert.Equal("x", await _grain.EchoValueAsync("x"));
        Assert.Null(await _grain.EchoValueAsync(null));
    }

    [Fact]
    public async Task Call_ThatThrows_ThrowsTheSameTypeAndMessageAtTheCaller()
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => _grain.ThrowAsync("after an await"));
        Assert.Equal("after an await", e.Message);
        e = await Assert.ThrowsAsync<InvalidOperationException>(() => _grain.ThrowAtOnceAsync("before any await"));
        Assert.Equal("before any await", e.Message);
    }

    [Fact]
    public async Task Call_ThatThrowsAnExceptionOfTheApplication_KeepsItsData()
    {
        var e = await Assert.ThrowsAsync<QuotaException>(_grain.ThrowOwnAsync);
        Assert.Equal(42, e.Quota);
    }

    [Fact]
    public async Task Call_AfterAFailedCall_FindsTheSameActivation()
    {
        string before = await _grain.ActivationAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _grain.ThrowAsync("x"));
        Assert.Equal(before, await _grain.ActivationAsync());
    }

    [Fact]
    public async Task Call_ExceptionInANestedCall_CrossesBothCalls() =>
        await Assert.ThrowsAsync<QuotaException>(() => _grain.ForwardThrowAsync(silo.Grains.GetGrain<ICallGrain>("nested")));

    [Fact]
    public async Task OneWay_CallThatThrowsAndWaits_ReturnsAtOnceAndReportsNothing()
    {
        string key = Guid.NewGuid().ToString("N");
        await _grain.FireAsync(key);
        Assert.False(silo.Probe.HasSignal(key + " done"));
        silo.Probe.Signal(key + " go");
        await silo.Probe.WaitAsync(key + " done");
    }

    [Fact]
    public async Task Call_WhoseGrainDoesNotAnswer_TimesOutAndTheNextWaitsForItsEnd()
    {
        string signal = Guid.NewGuid().ToString("N");
        await Assert.ThrowsAsync<TimeoutException>(() => _grain.WaitForAsync(signal));
        Task<int> next = _grain.EchoAsync(1);
        silo.Probe.Signal(signal);
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task Call_WithAResponseTimeoutOfItsOwn_WaitsLongerThanOthers()
    {
        string signal = Guid.NewGuid().ToString("N");
        Task call = _grain.WaitLongAsync(signal);
        await Assert.ThrowsAsync<TimeoutException>(() => silo.Grains.GetGrain<ICallGrain>(signal).WaitForAsync(signal));
        await Assert.ThrowsAsync<TimeoutException>(() => silo.Grains.GetGrain<ICallGrain>(signal + "2").WaitForAsync(signal));
        Assert.False(call.IsCompleted);
        silo.Probe.Signal(signal);
        await call;
    }

    [Fact]
    public async Task Call_WithAReferenceAsArgument_CanCallIt()
    {
        var other = silo.Grains.GetGrain<ICallGrain>("argument");
        Assert.Equal("argument", await _grain.KeyOfAsync(other));
    }
}
