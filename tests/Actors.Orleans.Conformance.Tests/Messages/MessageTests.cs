using System.Runtime.CompilerServices;
using Orleans.Serialization;
using Xunit;

namespace Actors.Conformance.Messages;

public sealed class MessageTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly IMessageGrain _grain = silo.Grains.GetGrain<IMessageGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task Argument_ThatIsMutable_IsCopiedDeeply()
    {
        var box = new Box { Number = 5, Words = { "one" }, Inner = new Box { Number = 6 } };
        Box changed = await _grain.ChangeAsync(box);
        Assert.Equal(5, box.Number);
        Assert.Equal(["one"], box.Words);
        Assert.Equal(["one", "changed"], changed.Words);
        Assert.Equal(6, changed.Inner!.Number);
        Assert.NotSame(box.Inner, changed.Inner);
    }

    [Fact]
    public async Task Result_ThatIsMutable_IsCopied()
    {
        Box result = await _grain.ChangeAsync(new Box());
        result.Words.Clear();
        result.Number = 99;
        Box kept = await _grain.KeptAsync();
        Assert.Equal(-1, kept.Number);
        Assert.Equal(["changed"], kept.Words);
    }

    [Fact]
    public async Task Message_MarkedImmutable_IsPassedByReference()
    {
        var fact = new Fact("x", [1]);
        Assert.Equal(RuntimeHelpers.GetHashCode(fact), await _grain.IdentityAsync(fact));
        Assert.Same(await _grain.GetAsync(), await _grain.GetAsync());
    }

    [Fact]
    public async Task Argument_Collections_AreCopied()
    {
        int[] numbers = [1, 2];
        List<int> list = [3];
        Dictionary<string, int> map = new() { ["a"] = 4 };
        byte[] bytes = [0];
        Assert.Equal(11, await _grain.ChangeCollectionsAsync(numbers, list, map, bytes));
        Assert.Equal([1, 2], numbers);
        Assert.Equal([3], list);
        Assert.Equal(["a"], map.Keys);
        Assert.Equal([0], bytes);
    }

    [Fact]
    public async Task Argument_OfADerivedType_KeepsItsType() =>
        Assert.Equal(new Parcel("p", 1.5), await _grain.EchoAsync(new Parcel("p", 1.5)));

    [Fact]
    public async Task Argument_SharedObjectsAndCycles_AreKept()
    {
        var box = new Box();
        box.Inner = box;
        Assert.True(await _grain.SharesAsync([box, box]));
    }

    [Fact]
    public async Task Values_OfTheUsualTypes_Cross()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var id = Guid.NewGuid();
        Assert.Equal((1, "t", time, id, (TimeSpan?)null), await _grain.ValuesAsync(1, "t", time, id, null));
    }

    [Fact]
    public async Task Message_OfATypeThatIsNotMarked_IsRefused() => await Assert.ThrowsAsync<CodecNotFoundException>(async () =>
        await silo.Grains.GetGrain<IUnmarkedGrain>("x").TakeAsync(new Unmarked()));
}
