using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance.Identity;

public sealed class IdentityTests(IdentityTests.Silo silo) : IClassFixture<IdentityTests.Silo>
{
    [Fact]
    public async Task Key_Guid_IsWhatTheGrainSees()
    {
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<IGuidKeyGrain>(key);
        Assert.Equal(key, await grain.KeyAsync());
        Assert.Equal(key, grain.GetPrimaryKey());
        Assert.Equal($"guidkey/{key:N}", grain.GetGrainId().ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task Key_Integer_IsWhatTheGrainSees(long key)
    {
        var grain = silo.Grains.GetGrain<IIntegerKeyGrain>(key);
        Assert.Equal(key, await grain.KeyAsync());
        Assert.Equal($"integerkey/{key:X}", grain.GetGrainId().ToString());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("tenant/session")]
    [InlineData("Grüße 😀")]
    public async Task Key_String_IsWhatTheGrainSees(string key)
    {
        var grain = silo.Grains.GetGrain<IFirstGrain>(key);
        GrainId id = await grain.IdAsync();
        Assert.Equal(key, id.Key.ToString());
        Assert.Equal("twofaces", id.Type.ToString());
        Assert.Equal(id, grain.GetGrainId());
        Assert.Equal(id, GrainId.Parse(id.ToString()));
    }

    [Fact]
    public async Task Reference_MadeFromAnId_ReachesTheGrain()
    {
        var id = GrainId.Create("twofaces", "x");
        Assert.Equal(id, await silo.Grains.GetGrain<IFirstGrain>(id).IdAsync());
    }

    [Fact]
    public async Task Reference_Cast_ReachesTheSameGrainThroughItsOtherInterface()
    {
        var first = silo.Grains.GetGrain<IFirstGrain>("cast");
        Assert.Equal("cast", await first.Cast<ISecondGrain>().KeyAsync());
        Assert.Equal("cast", await first.AsReference<ISecondGrain>().KeyAsync());
    }

    [Fact]
    public void References_OfOneGrain_AreEqual()
    {
        Assert.Equal(silo.Grains.GetGrain<IFirstGrain>("a"), silo.Grains.GetGrain<IFirstGrain>("a"));
        Assert.NotEqual(silo.Grains.GetGrain<IFirstGrain>("a"), silo.Grains.GetGrain<IFirstGrain>("b"));
    }

    [Fact]
    public void Key_Empty_IsRefused() => Assert.ThrowsAny<ArgumentException>(() => silo.Grains.GetGrain<IFirstGrain>(""));

    public sealed class Silo : SiloFixture
    {
        protected override void Configure(ISiloBuilder silo) => silo.AddPlacementDirector<LocalPlacement, LocalPlacementDirector>();
    }
}
