using Actors.Testing.KvCache;

namespace Actors.KvCache.Tests;

public class PageTableTests
{
    private static readonly PageContext Context = new("model", "dense", "tenant");

    private static int[] Tokens(int count, int seed = 1)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(1000)).ToArray();
    }

    private static PagePool Pool(int pages = 64, KvFormat format = KvFormat.Float16)
    {
        var layout = new KvLayout(2, 2, 6, format);
        return new PagePool(layout, (layout.PageBytes + 63) / 64 * 64L * pages);
    }

    [Theory]
    [InlineData(KvFormat.Float16)]
    [InlineData(KvFormat.BFloat16)]
    [InlineData(KvFormat.Float32)]
    public void Write_AnyChunking_StoresKeysValuesAndExactBounds(KvFormat format)
    {
        using PagePool pool = Pool(format: format);
        foreach (int chunk in (int[])[1, 3, 16, 17, 64, 200])
        {
            using var table = new PageTable(pool, Context);
            int[] tokens = Tokens(200, chunk);
            for (int i = 0; i < tokens.Length; i += chunk)
            {
                int[] part = tokens[i..Math.Min(tokens.Length, i + chunk)];
                Assert.True(table.TryReserve(part.Length));
                KvOracle.Append(table, part);
            }

            Assert.Equal(tokens, table.Tokens.ToArray());
            Assert.Equal(3, table.SealedPages);
            KvOracle.Check(table);
            pool.CheckIntegrity();
        }
    }

    [Fact]
    public void Write_SameTokensAgainWithOtherKeys_KeepsNoTraceOfTheFirst()
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(40));
        KvOracle.Append(table, Tokens(5));
        KvOracle.Write(table, Tokens(30, seed: 9), 30);
        KvOracle.Append(table, Tokens(30, seed: 2));
        KvOracle.Check(table);
    }

    [Fact]
    public void Write_NonFiniteKey_IsRefusedAndNamed()
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(4));
        var keys = new float[2 * 12];
        var values = new float[2 * 12];
        keys[12 + 7] = float.NaN;
        var error = Assert.Throws<NonFiniteKvException>(() => table.Write(1, 0, 2, keys, values));
        Assert.Contains("layer 1, position 1, head 1, channel 1", error.Message);
        Assert.DoesNotContain((byte)0x7E, table.Page(0).ToArray());

        keys[12 + 7] = 0;
        values[3] = float.PositiveInfinity;
        Assert.Throws<NonFiniteKvException>(() => table.Write(1, 0, 2, keys, values));
        Assert.All(table.Page(0).ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void Write_OutsideItsRange_Throws()
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(10));
        KvOracle.Append(table, Tokens(10));
        var row = new float[12];
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(2, 10, 1, row, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(0, 9, 1, row, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(0, 11, 1, row, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Write(0, 10, 55, new float[55 * 12], new float[55 * 12]));
        Assert.Throws<ArgumentException>(() => table.Write(0, 10, 1, row.AsSpan(1), row));
    }

    [Fact]
    public void Commit_LayerNotWritten_Throws()
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(1));
        table.Write(0, 0, 1, new float[12], new float[12]);
        Assert.Contains("Layer 1", Assert.Throws<InvalidOperationException>(() => table.Commit([1])).Message);
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(200, 64)]
    [InlineData(200, 70)]
    [InlineData(200, 127)]
    [InlineData(200, 195)]
    [InlineData(128, 128)]
    public void Truncate_AnyPlace_KeepsTheRestExactAndGoesOn(int length, int kept)
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(length));
        KvOracle.Append(table, Tokens(length));
        Assert.Equal(kept, table.Truncate(kept));
        Assert.Equal(Tokens(length)[..kept], table.Tokens.ToArray());
        KvOracle.Check(table);
        pool.CheckIntegrity();

        Assert.True(table.TryReserve(100));
        KvOracle.Append(table, Tokens(100, seed: 3));
        KvOracle.Check(table);
        pool.CheckIntegrity();
    }

    [Fact]
    public void Truncate_SharedPageAndNoSlot_CutsAtItsStart()
    {
        using PagePool pool = Pool(8);
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(5 * 64));
        KvOracle.Append(table, Tokens(5 * 64));
        Assert.Equal(pool.LimitPages, pool.CountPages().UsedPages);
        Assert.Equal(4 * 64, table.Truncate((4 * 64) + 3));
        KvOracle.Check(table);
        pool.CheckIntegrity();
    }

    [Fact]
    public void ReusePrefix_EqualTokens_SharesPagesInsideOneSalt()
    {
        using PagePool pool = Pool();
        var first = new PageTable(pool, Context);
        Assert.True(first.TryReserve(150));
        KvOracle.Append(first, Tokens(150));

        using var second = new PageTable(pool, Context);
        Assert.Equal(128, second.ReusePrefix(Tokens(150)));
        Assert.Equal(3, pool.CountPages().UsedPages);
        first.Dispose();
        KvOracle.Check(second);
        Assert.True(second.TryReserve(22));
        KvOracle.Append(second, Tokens(150)[128..]);
        KvOracle.Check(second);

        using var otherTenant = new PageTable(pool, Context with { TenantSalt = "other" });
        Assert.Equal(0, otherTenant.ReusePrefix(Tokens(150)));
        using var otherPolicy = new PageTable(pool, Context with { PolicyFingerprint = "blocks" });
        Assert.Equal(0, otherPolicy.ReusePrefix(Tokens(150)));
        pool.CheckIntegrity();
    }

    [Fact]
    public void Commit_PageThatExists_IsHeldOnce()
    {
        using PagePool pool = Pool();
        using var first = new PageTable(pool, Context);
        using var second = new PageTable(pool, Context);
        foreach (PageTable table in (PageTable[])[first, second])
        {
            Assert.True(table.TryReserve(64));
            KvOracle.Append(table, Tokens(64));
        }

        Assert.Equal(1, pool.CountPages().UsedPages);
        first.Truncate(10);
        KvOracle.Check(first);
        KvOracle.Check(second);
        pool.CheckIntegrity();
    }

    [Fact]
    public void ChangeContext_InTheMiddle_KeepsLaterPagesApart()
    {
        using PagePool pool = Pool();
        PageContext blocks = Context with { PolicyFingerprint = "blocks" };
        using var changed = new PageTable(pool, Context);
        Assert.True(changed.TryReserve(192));
        KvOracle.Append(changed, Tokens(192)[..100]);
        changed.ChangeContext(blocks);
        KvOracle.Append(changed, Tokens(192)[100..]);

        using var dense = new PageTable(pool, Context);
        Assert.Equal(64, dense.ReusePrefix(Tokens(192)));
        using var pure = new PageTable(pool, blocks);
        Assert.Equal(0, pure.ReusePrefix(Tokens(192)));
        KvOracle.Check(changed);
    }

    [Fact]
    public void Page_AfterDispose_IsAStaleLease()
    {
        using PagePool pool = Pool();
        var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(1));
        KvPage page = table.PageSpan[0];
        PageLease lease = page.Lease;
        Assert.False(lease.IsNone);
        table.Dispose();
        Assert.Throws<StaleLeaseException>(() => lease.Slot);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Page(0).Length);
        Assert.Throws<ObjectDisposedException>(() => table.TryReserve(1));
        pool.CheckIntegrity();
    }

    [Fact]
    public void Write_OneTokenAtATime_AllocatesNothing()
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(64));
        var row = new float[12];
        int[] token = [7];
        Step(table, row, token);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 14; i++) Step(table, row, token);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Step(PageTable table, float[] row, int[] token)
        {
            table.TryReserve(1);
            for (int layer = 0; layer < 2; layer++) table.Write(layer, table.TokenCount, 1, row, row);
            table.Commit(token);
        }
    }
}
