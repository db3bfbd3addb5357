using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Xunit;

namespace Actors.Conformance.State;

public sealed class StateTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly IStateGrain _grain = silo.Grains.GetGrain<IStateGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task State_NeverWritten_IsNewAndNotStored()
    {
        Assert.Equal(0, await _grain.GetAsync());
        Assert.False(await _grain.IsStoredAsync());
    }

    [Fact]
    public async Task State_Written_IsThereBeforeTheNextActivationRuns()
    {
        await _grain.SetAsync(5);
        Assert.True(await _grain.IsStoredAsync());
        await RestartAsync();
        Assert.Equal(5, await _grain.AtActivationAsync());
        Assert.Equal(5, await _grain.GetAsync());
        Assert.True(await _grain.IsStoredAsync());
    }

    [Fact]
    public async Task State_ChangedButNotWritten_IsLostWithTheActivation()
    {
        await _grain.SetAsync(5);
        await _grain.SetUnsavedAsync(6);
        await RestartAsync();
        Assert.Equal(5, await _grain.GetAsync());
    }

    [Fact]
    public async Task State_Cleared_IsNewAndNotStored()
    {
        await _grain.SetAsync(5);
        await _grain.ClearAsync();
        Assert.Equal(0, await _grain.GetAsync());
        Assert.False(await _grain.IsStoredAsync());
        await RestartAsync();
        Assert.Equal(0, await _grain.GetAsync());
    }

    [Fact]
    public async Task State_TwoOfOneGrain_AreIndependent()
    {
        await _grain.SetAsync(5);
        await _grain.SetOtherAsync("text");
        await _grain.ClearAsync();
        await RestartAsync();
        Assert.Equal("text", await _grain.GetOtherAsync());
        Assert.Equal(0, await _grain.GetAsync());
    }

    [Fact]
    public async Task State_OfAnotherGrain_IsNotSeen()
    {
        await _grain.SetAsync(5);
        Assert.Equal(0, await silo.Grains.GetGrain<IStateGrain>(_grain.GetPrimaryKeyString() + " other").GetAsync());
    }

    [Fact]
    public async Task Write_WithAStaleETag_ThrowsAndDropsTheActivation()
    {
        await _grain.SetAsync(1);
        string before = await _grain.ActivationAsync();
        await WriteBehindItsBackAsync(7);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _grain.SetAsync(2));
        await silo.Probe.WaitAsync(before + " ended");
        Assert.NotEqual(before, await _grain.ActivationAsync());
        Assert.Equal(7, await _grain.GetAsync());
        await _grain.SetAsync(8);
        Assert.Equal(8, await _grain.GetAsync());
    }

    [Fact]
    public async Task Write_WithAStaleETagThatTheGrainCatches_KeepsTheActivation()
    {
        await _grain.SetAsync(1);
        string before = await _grain.ActivationAsync();
        await WriteBehindItsBackAsync(7);
        Assert.Equal("conflict", await _grain.SetAndCatchAsync(2));
        Assert.Equal(before, await _grain.ActivationAsync());
    }

    private async Task WriteBehindItsBackAsync(int number)
    {
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>("memory");
        var record = new GrainState<CounterState>(new CounterState());
        await storage.ReadStateAsync("counter", _grain.GetGrainId(), record);
        Assert.True(record.RecordExists);
        record.State = new CounterState { Number = number };
        await storage.WriteStateAsync("counter", _grain.GetGrainId(), record);
    }

    private async Task RestartAsync()
    {
        string activation = await _grain.ActivationAsync();
        await _grain.DeactivateAsync();
        Assert.Equal(nameof(DeactivationReasonCode.ApplicationRequested), await silo.Probe.WaitAsync(activation + " ended"));
    }
}
