using Xunit;

namespace Actors.Conformance.Context;

public sealed class RequestContextTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly IContextGrain _grain = silo.Grains.GetGrain<IContextGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Value_SetByTheCaller_IsSeenByTheGrainAlsoAfterAnAwait()
    {
        RequestContext.Set("tenant", "acme");
        Assert.Equal("acme", await _grain.GetAsync("tenant"));
        Assert.Equal("acme", await _grain.GetAfterAwaitAsync("tenant"));
    }

    [Fact]
    public async Task Value_SetByTheCaller_IsSeenByTheGrainsOfTheGrain()
    {
        RequestContext.Set("tenant", "acme");
        Assert.Equal("acme", await _grain.ForwardAsync(silo.Grains.GetGrain<IContextGrain>("next"), "tenant"));
    }

    [Fact]
    public async Task Value_SetByTheGrain_DoesNotComeBackAndDoesNotStay()
    {
        Assert.Null(await _grain.SetAsync("trace", "1"));
        Assert.Null(RequestContext.Get("trace"));
        Assert.Null(await _grain.GetAsync("trace"));
    }

    [Fact]
    public async Task Value_Removed_IsNotSeen()
    {
        RequestContext.Set("tenant", "acme");
        Assert.True(RequestContext.Remove("tenant"));
        Assert.False(RequestContext.Remove("tenant"));
        Assert.Null(await _grain.GetAsync("tenant"));
    }

    [Fact]
    public async Task Value_SetByTheCaller_IsSeenByAStream()
    {
        RequestContext.Set("tenant", "acme");
        List<string?> seen = [];
        await foreach (string? item in _grain.StreamAsync("tenant"))
            seen.Add(item);
        Assert.Equal(["acme", "acme"], seen);
    }

    [Fact]
    public async Task Values_OfTwoFlows_DoNotMix()
    {
        string?[] seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            RequestContext.Set("flow", i.ToString());
            return await _grain.GetAfterAwaitAsync("flow");
        })));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i.ToString()), seen);
    }
}
