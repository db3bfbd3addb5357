using Actors.Testing.KvCache;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.KvCache.Tests;

public class RandomOperationsTests
{
    private static readonly PageContext Context = new("model", "dense", "tenant");
    private static readonly KvLayout Layout = new(1, 1, 4);

    [Fact]
    public void AnySequenceOfOperations_AgainstPlainArrays_KeepsContentAndBooks()
    {
        Gen<int[]> operations = Gen.Choose(0, int.MaxValue - 1).ArrayOf(60);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(15);
        Prop.ForAll(operations.ToArbitrary(), RunAsync).Check(config);
    }

    private static async Task RunAsync(int[] operations)
    {
        using var pool = new PagePool(Layout, (Layout.PageBytes + 63) / 64 * 64L * 14);
        var stores = new MemoryPageStore?[] { new(), new(), null };
        var tables = new PageTable[3];
        var expected = new List<int>[3];
        for (int i = 0; i < 3; i++)
        {
            tables[i] = new PageTable(pool, Context, stores[i]);
            expected[i] = [];
        }

        try
        {
            foreach (int operation in operations)
            {
                int which = operation % 3;
                tables[which] = await StepAsync(pool, tables[which], expected[which], stores[which], operation / 3 % 8, operation / 24);
                pool.CheckIntegrity();
                for (int i = 0; i < 3; i++)
                {
                    Assert.Equal(expected[i], tables[i].Tokens.ToArray());
                    KvOracle.Check(tables[i]);
                }
            }
        }
        finally
        {
            foreach (PageTable table in tables) table.Dispose();
        }

        pool.CheckIntegrity();
        Assert.Equal(0, pool.CountPages().UsedPages);
    }

    private static async Task<PageTable> StepAsync(
        PagePool pool, PageTable table, List<int> expected, MemoryPageStore? store, int kind, int number)
    {
        switch (kind)
        {
            case 0 or 1 or 2:
                int count = number % 150;

                // Few different tokens, so that tables come to share pages.
                int[] tokens = Enumerable.Range(0, count).Select(i => (expected.Count + i) / 70 * (number / 150 % 2)).ToArray();
                if (!TryReserve(table, count)) break;
                KvOracle.Append(table, tokens);
                expected.AddRange(tokens);
                break;
            case 3:
                // A step that failed after it wrote: its rows are written over, or dropped.
                if (!TryReserve(table, 5)) break;
                KvOracle.Write(table, [1, 2, 3, 4, 5], 5);
                if (number % 2 == 0)
                {
                    table.Truncate(expected.Count);
                    break;
                }

                KvOracle.Append(table, [6, 7]);
                expected.AddRange([6, 7]);
                break;
            case 4:
                int kept = table.Truncate(number % (expected.Count + 1));
                expected.RemoveRange(kept, expected.Count - kept);
                break;
            case 5 when store is not null:
                store.Failure = number % 5 == 0 ? new IOException("full") : null;
                try
                {
                    Assert.Equal(table.SealedPages, (await table.SaveAsync()).PageCount);
                }
                catch (PageStoreException)
                {
                    // The pages stay in memory; the next save finds them.
                }

                store.Failure = null;
                break;
            case 6 when store is not null:
                await table.SaveAsync();
                table.Dispose();
                table = PageTable.Restore(pool, Context, store, expected.ToArray(), PageVerification.AtRestore, out _);
                Assert.Equal(expected.Count / 64 * 64, table.TokenCount);
                expected.RemoveRange(table.TokenCount, expected.Count - table.TokenCount);
                break;
            case 7:
                table.Dispose();
                table = new PageTable(pool, Context, store);
                int reused = table.ReusePrefix(expected.ToArray());
                expected.RemoveRange(reused, expected.Count - reused);
                break;
        }

        return table;
    }

    private static bool TryReserve(PageTable table, int tokens)
    {
        try
        {
            return table.TryReserve(tokens);
        }
        catch (Exception e) when (e is KvBudgetExceededException or PageStoreException)
        {
            return false;
        }
    }
}
