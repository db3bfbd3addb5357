using Actors.KvCache;

namespace Actors.Storage.Tests;

/// <summary>Single groups of pages that lie in page files only: read in part, kept in a bounded cache, nothing mapped.</summary>
public sealed class StoredGroupTests : IDisposable
{
    private const int Pages = 200;

    private static readonly PageContext Context = new("model", "blocks", "tenant");
    private static readonly KvLayout Layout = new(2, 2, 64);

    private readonly TemporaryFolder _temporary = new();
    private readonly int[] _tokens = [.. Enumerable.Range(0, Pages * KvLayout.PageTokens)];

    [Fact]
    public async Task KeysAndValues_StoredPages_EqualThoseOfThePageAndMapNothing()
    {
        await SaveAsync();
        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 40 * Layout.PageBytes);
        using PageTable table = Restore(pool, data, PageVerification.AtFirstUse);
        using var whole = new PagePool(Layout, 4L * Pages * Layout.PageBytes);
        using PageTable expected = Restore(whole, data, PageVerification.AtRestore);

        for (int round = 0; round < 2; round++)
        {
            for (int page = 0; page < Pages; page++) AssertGroups(expected, table, page);
        }

        Assert.Equal(0, pool.MappedBytes);
        Assert.InRange(pool.GroupBytes, 1, pool.BudgetBytes / 8);
        Assert.InRange(pool.ResidentBytes, 1, pool.BudgetBytes);
        Assert.Equal(2L * Pages * GroupsOfPage, pool.GroupHits + pool.GroupMisses);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task Keys_ReadAgain_ComeFromMemory()
    {
        await SaveAsync();
        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 40 * Layout.PageBytes);
        using PageTable table = Restore(pool, data, PageVerification.AtRestore);
        var scratch = new byte[Layout.PageBytes];
        byte[] first = table.Keys(3, 1, 0, 2, scratch).ToArray();
        long misses = pool.GroupMisses;

        Assert.Equal(first, table.Keys(3, 1, 0, 2, scratch).ToArray());
        Assert.Equal((1L, misses), (pool.GroupHits, pool.GroupMisses));
    }

    [Fact]
    public async Task Keys_ManyThreads_ReadTheSame()
    {
        await SaveAsync();
        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 40 * Layout.PageBytes);
        using PageTable table = Restore(pool, data, PageVerification.AtFirstUse);
        using var whole = new PagePool(Layout, 4L * Pages * Layout.PageBytes);
        using PageTable expected = Restore(whole, data, PageVerification.AtRestore);

        Parallel.For(0, 4 * Pages, i => AssertGroups(expected, table, i * 7 % Pages));
        Assert.True(pool.GroupMisses > 0 && pool.GroupHits > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_FileRemovedOrCutBeforeTheFirstRead_NamesThePagesToComputeAgain(bool removed)
    {
        await SaveAsync();
        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 40 * Layout.PageBytes);
        using PageTable table = Restore(pool, data, PageVerification.AtFirstUse);
        foreach (string path in Directory.GetFiles(_temporary.Path, "*.kv", SearchOption.AllDirectories))
        {
            if (removed) File.Delete(path);
            else using (FileStream file = File.OpenWrite(path)) file.SetLength(4096 * 4);
        }

        var error = Assert.Throws<PageCorruptException>(() => { table.Keys(Pages - 1, 1, 0, 2, new byte[Layout.PageBytes]); });
        Assert.InRange(error.PageIndex!.Value, 0, Pages - 1);
        Assert.Contains("computed again", error.Message);
        table.Truncate(error.PageIndex.Value * KvLayout.PageTokens);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task Keys_PageWithAFlippedBit_IsFoundAtItsFirstRead()
    {
        await SaveAsync();
        foreach (string path in Directory.GetFiles(_temporary.Path, "*.kv", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^100] ^= 4; // in the last layer's values, not among the keys that are read
            File.WriteAllBytes(path, bytes);
        }

        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 40 * Layout.PageBytes);
        using PageTable table = Restore(pool, data, PageVerification.AtFirstUse);
        var error = Assert.Throws<PageCorruptException>(() => { table.Keys(Pages - 1, 0, 0, 0, new byte[Layout.PageBytes]); });
        Assert.Equal(Pages - 1, error.PageIndex);
        Assert.NotEqual(error.Expected, error.Actual);
    }

    public void Dispose() => _temporary.Dispose();

    private static int GroupsOfPage => 2 * KvLayout.GroupsPerPage * Layout.Layers * Layout.KvHeads;

    private static void AssertGroups(PageTable expected, PageTable table, int page)
    {
        Span<byte> scratch = stackalloc byte[KvLayout.GroupTokens * Layout.HeadDim * Layout.ElementBytes];
        ReadOnlySpan<byte> bytes = expected.Page(page);
        for (int layer = 0; layer < Layout.Layers; layer++)
        {
            for (int head = 0; head < Layout.KvHeads; head++)
            {
                for (int group = 0; group < KvLayout.GroupsPerPage; group++)
                {
                    Assert.True(table.Keys(page, layer, head, group, scratch)
                        .SequenceEqual(bytes.Slice(Layout.KeysOffset(layer, head, group), scratch.Length)));
                    Assert.True(table.Values(page, layer, head, group, scratch)
                        .SequenceEqual(bytes.Slice(Layout.ValuesOffset(layer, head) + (group * scratch.Length), scratch.Length)));
                }
            }
        }
    }

    private PageTable Restore(PagePool pool, DataFolder data, PageVerification verification)
    {
        PageTable table = PageTable.Restore(pool, Context, data.Session("t", "s").Pages, _tokens, verification, out IReadOnlyList<IOException> problems);
        Assert.Empty(problems);
        Assert.Equal(_tokens.Length, table.TokenCount);
        return table;
    }

    private async Task SaveAsync()
    {
        using DataFolder data = DataFolder.Open(_temporary.Path);
        using var pool = new PagePool(Layout, 2L * Pages * Layout.PageBytes);
        await using var table = new PageTable(pool, Context, data.Session("t", "s").Pages);
        var random = new Random(5);
        Assert.True(table.TryReserve(_tokens.Length));
        float[] keys = [.. Enumerable.Range(0, _tokens.Length * Layout.RowElements).Select(_ => random.NextSingle())];
        float[] values = [.. keys.Select(key => 1 - key)];
        for (int layer = 0; layer < Layout.Layers; layer++) table.Write(layer, 0, _tokens.Length, keys, values);
        table.Commit(_tokens);
        await table.SaveAsync();
    }
}
