using Actors.Testing.KvCache;

namespace Actors.KvCache.Tests;

public class PageSavingTests
{
    private static readonly PageContext Context = new("model", "dense", "tenant");
    private static readonly KvLayout Layout = new(2, 2, 6);

    private static int[] Tokens(int count) => Enumerable.Range(0, count).Select(i => i * 7919 % 1000).ToArray();

    private static PagePool Pool(int pages = 64) => new(Layout, (Layout.PageBytes + 63) / 64 * 64L * pages);

    private static PageTable Restore(PagePool pool, MemoryPageStore store, int[] tokens, out IReadOnlyList<IOException> problems)
        => PageTable.Restore(pool, Context, store, tokens, PageVerification.AtRestore, out problems);

    [Fact]
    public async Task SaveAsync_ThenRestoreInAnotherPool_GivesTheSamePages()
    {
        var store = new MemoryPageStore();
        int[] tokens = Tokens(300);
        SavedPages saved;
        using (PagePool pool = Pool())
        using (var table = new PageTable(pool, Context, store))
        {
            Assert.True(table.TryReserve(300));
            KvOracle.Append(table, tokens);
            saved = await table.SaveAsync();
            Assert.Equal(4, saved.PageCount);
            Assert.Equal(4, table.StoredPages);
            Assert.Equal([new PageRun(0, 4, 1)], saved.Runs);
        }

        using PagePool other = Pool();
        using PageTable restored = Restore(other, store, tokens, out IReadOnlyList<IOException> problems);
        Assert.Empty(problems);
        Assert.Equal(256, restored.TokenCount);
        Assert.Equal(0, restored.ResidentPages);
        KvOracle.Check(restored);
        Assert.Equal(saved, await restored.SaveAsync() with { Runs = saved.Runs, Paths = saved.Paths });
        Assert.True(restored.TryReserve(100));
        KvOracle.Append(restored, Tokens(350)[256..]);
        KvOracle.Check(restored);
        other.CheckIntegrity();
    }

    [Fact]
    public async Task TryReserve_BudgetFull_KeepsThePagesThatEachStepReads()
    {
        var store = new MemoryPageStore();
        using PagePool pool = Pool(16);
        using var table = new PageTable(pool, Context, store);
        int[] tokens = Tokens(100 * 64);
        for (int i = 0; i < tokens.Length; i += 64)
        {
            Task room = pool.RoomChanged;
            while (!table.TryReserve(64))
            {
                await room.WaitAsync(TimeSpan.FromSeconds(30));
                room = pool.RoomChanged;
            }

            int last = i / 64;
            foreach (int read in (int[])[0, Math.Max(0, last - 2), Math.Max(0, last - 1)])
            {
                Assert.True(table.IsResident(read), $"page {read} of {last}");
                table.Page(read);
            }

            KvOracle.Append(table, tokens[i..(i + 64)]);
            await table.SaveAsync(); // else the only pages that may go are the few that the background has stored
        }

        Assert.True(table.ResidentPages <= pool.LimitPages);
        Assert.False(table.IsResident(1));
    }

    [Fact]
    public async Task TryReserve_BudgetFull_EvictsStoredPagesAndKeepsTheirContent()
    {
        var store = new MemoryPageStore();
        using PagePool pool = Pool(16);
        using var table = new PageTable(pool, Context, store);
        int[] tokens = Tokens(100 * 64);
        for (int i = 0; i < tokens.Length; i += 64)
        {
            Task room = pool.RoomChanged;
            while (!table.TryReserve(64))
            {
                await room.WaitAsync(TimeSpan.FromSeconds(30));
                room = pool.RoomChanged;
            }

            KvOracle.Append(table, tokens[i..(i + 64)]);
            Assert.True(pool.ResidentBytes <= pool.BudgetBytes);
        }

        Assert.True(table.ResidentPages <= pool.LimitPages);
        KvOracle.Check(table);
        pool.CheckIntegrity();
    }

    [Fact]
    public void TryReserve_NoStoreBeyondTheBudget_IsRefusedWithTheNumbers()
    {
        using PagePool pool = Pool(8);
        using var table = new PageTable(pool, Context);
        Assert.True(table.TryReserve(5 * 64));
        var error = Assert.Throws<KvBudgetExceededException>(() => table.TryReserve((5 * 64) + 1));
        Assert.Contains("6 pages for 321 tokens", error.Message);
        pool.CheckIntegrity();
    }

    [Fact]
    public void TryReserve_OthersHoldTheRoom_SaysNoAndTakesNothing()
    {
        using PagePool pool = Pool(8);
        var first = new PageTable(pool, Context);
        using var second = new PageTable(pool, Context);
        Assert.True(first.TryReserve(5 * 64));
        Task room = pool.RoomChanged;
        Assert.False(second.TryReserve(2 * 64));
        Assert.Equal(0, second.PageCount);
        Assert.False(room.IsCompleted);
        first.Dispose();
        Assert.True(room.IsCompleted);
        Assert.True(second.TryReserve(2 * 64));
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task SaveAsync_StoreFails_KeepsThePagesAndGoesOnWhenItWorksAgain()
    {
        var store = new MemoryPageStore { Failure = new IOException("No space left on device") };
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context, store);
        Assert.True(table.TryReserve(200));
        KvOracle.Append(table, Tokens(200));
        var error = await Assert.ThrowsAsync<PageStoreException>(async () => await table.SaveAsync());
        Assert.Contains("'memory': No space left on device", error.Message);
        KvOracle.Check(table);
        Assert.Equal(0, table.StoredPages);

        store.Failure = null;
        Assert.Equal(3, (await table.SaveAsync()).PageCount);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task TryReserve_StoreFailsAndMemoryIsFull_ReportsTheFaultThenGoesOn()
    {
        var store = new MemoryPageStore { Failure = new IOException("No space left on device") };
        using PagePool pool = Pool(8);
        using var table = new PageTable(pool, Context, store);
        int[] tokens = Tokens(40 * 64);
        PageStoreException? fault = null;
        for (int i = 0; i < tokens.Length; i += 64)
        {
            while (true)
            {
                Task room = pool.RoomChanged;
                try
                {
                    if (table.TryReserve(64)) break;
                    await room.WaitAsync(TimeSpan.FromSeconds(30));
                }
                catch (PageStoreException e)
                {
                    fault = e;
                    store.Failure = null;
                }
            }

            KvOracle.Append(table, tokens[i..(i + 64)]);
        }

        Assert.Contains("No space left", fault!.Message);
        KvOracle.Check(table);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task Restore_DamagedPage_CutsBeforeItAndNamesIt()
    {
        var store = new MemoryPageStore();
        int[] tokens = Tokens(5 * 64);
        await StoreAsync(store, tokens);
        store.Files[0].DamagedPage = 3;
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, store, tokens, out IReadOnlyList<IOException> problems);
        Assert.Equal(3 * 64, table.TokenCount);
        Assert.Equal(3, Assert.IsType<PageCorruptException>(Assert.Single(problems)).PageIndex);
        Assert.True(table.TryReserve(128));
        KvOracle.Append(table, tokens[192..]);
        KvOracle.Check(table);
        Assert.Equal(5, (await table.SaveAsync()).PageCount);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task Page_DamagedAndVerifiedAtFirstUse_ThrowsEachTimeUntilTruncated()
    {
        var store = new MemoryPageStore();
        int[] tokens = Tokens(5 * 64);
        await StoreAsync(store, tokens);
        store.Files[0].DamagedPage = 3;
        using PagePool pool = Pool();
        using PageTable table = PageTable.Restore(pool, Context, store, tokens, PageVerification.AtFirstUse, out _);
        Assert.Equal(320, table.TokenCount);
        for (int i = 0; i < 2; i++)
            Assert.Equal(3, Assert.Throws<PageCorruptException>(() => table.Page(3).Length).PageIndex);
        table.Truncate(3 * 64);
        KvOracle.Check(table);
    }

    [Fact]
    public async Task Restore_OtherTokensOrModel_TakesOnlyWhatFits()
    {
        var store = new MemoryPageStore();
        int[] tokens = Tokens(5 * 64);
        await StoreAsync(store, tokens);
        using PagePool pool = Pool();
        int[] other = [.. tokens];
        other[130]++;
        using (PageTable table = Restore(pool, store, other, out _)) Assert.Equal(128, table.TokenCount);
        using (PageTable table = Restore(pool, store, tokens[..100], out _)) Assert.Equal(64, table.TokenCount);
        using PageTable otherModel = PageTable.Restore(
            pool, Context with { ModelFingerprint = "other" }, store, tokens, PageVerification.AtRestore, out _);
        Assert.Equal(0, otherModel.TokenCount);
    }

    [Fact]
    public async Task Page_ManyMappedPages_GivesMemoryBackBeforeTheBudgetIsPassed()
    {
        var store = new MemoryPageStore();
        int[] tokens = Tokens(300 * 64);
        var layout = new KvLayout(8, 2, 64);
        using (var large = new PagePool(layout, layout.PageBytes * 500L))
        using (var table = new PageTable(large, Context, store))
        {
            Assert.True(table.TryReserve(tokens.Length));
            for (int layer = 0; layer < 8; layer++)
                table.Write(layer, 0, tokens.Length, new float[tokens.Length * 128], new float[tokens.Length * 128]);
            table.Commit(tokens);
            await table.SaveAsync();
        }

        using var small = new PagePool(layout, layout.PageBytes * 80L);
        using PageTable restored = PageTable.Restore(small, Context, store, tokens, PageVerification.AtFirstUse, out _);
        for (int round = 0; round < 2; round++)
        {
            for (int page = 0; page < restored.PageCount; page++)
            {
                Assert.Equal(layout.PageBytes, restored.Page(page).Length);
                Assert.True(small.ResidentBytes <= small.BudgetBytes, $"{small.ResidentBytes} of {small.BudgetBytes}");
            }
        }

        Assert.True(small.MappedBytes > 0);
        Assert.True(store.Files.Sum(file => file.Returns) >= 6);
        Assert.Equal(300, store.Files.Sum(file => file.Verifications));
        small.CheckIntegrity();
    }

    [Fact]
    public async Task DisposeAsync_WriteUnderWay_WaitsForIt()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new MemoryPageStore { Gate = gate.Task };
        using PagePool pool = Pool();
        var table = new PageTable(pool, Context, store);
        Assert.True(table.TryReserve(64));
        KvOracle.Append(table, Tokens(64));
        Task save = table.SaveAsync().AsTask();
        Task dispose = table.DisposeAsync().AsTask();
        Assert.False(dispose.IsCompleted);
        gate.SetResult();
        await dispose.WaitAsync(TimeSpan.FromSeconds(30));
        await save.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, store.Writes);
        pool.CheckIntegrity();
    }

    private static async Task StoreAsync(MemoryPageStore store, int[] tokens)
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context, store);
        Assert.True(table.TryReserve(tokens.Length));
        KvOracle.Append(table, tokens);
        await table.SaveAsync();
    }
}
