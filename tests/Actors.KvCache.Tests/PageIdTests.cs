namespace Actors.KvCache.Tests;

public class PageIdTests
{
    private static readonly KvLayout Layout = new(2, 1, 8);
    private static readonly int[] Tokens = Enumerable.Range(100, 64).ToArray();

    [Fact]
    public void Next_KnownInput_IsFrozen()
    {
        // Ids stand in page files. A change makes all stored pages unusable: bump the page file version instead.
        PageId context = new PageContext("model", "dense/1", "tenant").Digest(Layout);
        Assert.Equal("c05e4939dfb1ddf03ab851be3e2a5e8c59b95a0756bc7174e91f12276889aafc", context.ToString());
        Assert.Equal("95aa237bfd4b4ce646cbd8ce25bffdd370724c2891672875a6b54d697c402572", PageId.Next(PageId.None, context, Tokens).ToString());
    }

    [Fact]
    public void Next_AnyPartDiffers_GivesAnotherId()
    {
        var context = new PageContext("model", "dense", "tenant");
        int[] other = [.. Tokens];
        other[63]++;
        PageId first = PageId.Next(PageId.None, context.Digest(Layout), Tokens);
        PageId[] ids =
        [
            first,
            PageId.Next(first, context.Digest(Layout), Tokens),
            PageId.Next(PageId.None, context.Digest(Layout), other),
            PageId.Next(PageId.None, (context with { ModelFingerprint = "model2" }).Digest(Layout), Tokens),
            PageId.Next(PageId.None, (context with { PolicyFingerprint = "blocks" }).Digest(Layout), Tokens),
            PageId.Next(PageId.None, (context with { TenantSalt = "other" }).Digest(Layout), Tokens),
            PageId.Next(PageId.None, new PageContext("modeld", "ense", "tenant").Digest(Layout), Tokens),
            PageId.Next(PageId.None, context.Digest(new KvLayout(2, 1, 8, KvFormat.BFloat16)), Tokens),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Parse_ToString_RoundTrips()
    {
        PageId id = PageId.Next(PageId.None, PageId.None, Tokens);
        Assert.Equal(id, PageId.Parse(id.ToString()));
        Assert.Throws<FormatException>(() => PageId.Parse("00ff"));
    }
}
