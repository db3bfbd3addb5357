using Actors.KvCache;
using Actors.Testing.KvCache;

namespace Actors.Storage.Tests;

public class PageFolderTests
{
    private static readonly PageContext Context = new("model", "dense", "tenant");
    private static readonly KvLayout Layout = new(2, 1, 6);

    private static int[] Tokens(int count) => Enumerable.Range(0, count).Select(i => i * 7919 % 1000).ToArray();

    private static PagePool Pool() => new(Layout, 64 << 20);

    [Fact]
    public async Task Restore_AfterSave_ReadsTheSamePagesFromDisk()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SavedPages saved = await StoreAsync(data, Tokens(500));
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, data, Tokens(500), out IReadOnlyList<IOException> problems);
        Assert.Empty(problems);
        Assert.Equal(7 * 64, table.TokenCount);
        KvOracle.Check(table);
        Assert.True(pool.MappedBytes > 0);
        Assert.Equal(saved.StoredBytes, new FileInfo(Assert.Single(saved.Paths)).Length);
        pool.CheckIntegrity();
    }

    [Fact]
    public async Task Restore_OneBitFlippedInAPage_CutsBeforeItAndNamesFilePageAndChecksums()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string path = Assert.Single((await StoreAsync(data, Tokens(500))).Paths);
        PageFile file = PageFile.Open(path);
        byte[] whole = File.ReadAllBytes(path);
        for (int page = 0; page < 7; page++)
        {
            byte[] damaged = [.. whole];
            damaged[file.Header.Offset(page) + (page * 37)] ^= 4;
            File.WriteAllBytes(path, damaged);
            using PagePool pool = Pool();
            using PageTable table = Restore(pool, data, Tokens(500), out IReadOnlyList<IOException> problems);
            Assert.Equal(page * 64, table.TokenCount);
            KvOracle.Check(table);
            var error = Assert.IsType<PageCorruptException>(Assert.Single(problems));
            Assert.Equal((path, page, file.Id(page), file.Header.Entries[page].Checksum), (error.Path, error.PageIndex, error.Page, error.Expected));
            Assert.NotEqual(error.Expected, error.Actual);
            Assert.Contains($"checksum {error.Actual:x8}, expected {error.Expected:x8}", error.Message);
        }
    }

    [Fact]
    public async Task Restore_DamagedThenComputedAgain_IsWholeAfterTheNextSave()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string path = Assert.Single((await StoreAsync(data, Tokens(512))).Paths);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[PageFile.Open(path).Header.Offset(5) + 9] ^= 1;
        File.WriteAllBytes(path, bytes);
        using (PagePool pool = Pool())
        {
            SessionFolder session = data.Session("t", "s");
            using PageTable table = Restore(pool, data, Tokens(512), out _);
            Assert.Equal(5 * 64, table.TokenCount);
            Assert.True(table.TryReserve(512 - table.TokenCount));
            KvOracle.Append(table, Tokens(512)[table.TokenCount..]);
            SavedPages saved = await table.SaveAsync();
            session.Pages.Retain(saved.Paths);
            KvOracle.Check(table);
        }

        using PagePool other = Pool();
        using PageTable again = Restore(other, data, Tokens(512), out IReadOnlyList<IOException> problems);
        Assert.Equal(512, again.TokenCount);
        Assert.Empty(problems);
        KvOracle.Check(again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(70)]
    [InlineData(140)]
    [InlineData(196)]
    public async Task Restore_DamagedHeader_TakesNoPageAndSaysWhy(int offset)
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string path = Assert.Single((await StoreAsync(data, Tokens(200))).Paths);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0x40;
        File.WriteAllBytes(path, bytes);
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, data, Tokens(200), out IReadOnlyList<IOException> problems);
        Assert.Equal(0, table.TokenCount);
        Assert.Contains(path, Assert.IsType<PageCorruptException>(Assert.Single(problems)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(-1)]
    public async Task Restore_FileCutShort_TakesNoPage(int length)
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string path = Assert.Single((await StoreAsync(data, Tokens(200))).Paths);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, length < 0 ? bytes[..^1] : bytes[..length]);
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, data, Tokens(200), out IReadOnlyList<IOException> problems);
        Assert.Equal(0, table.TokenCount);
        Assert.Single(problems);
    }

    [Fact]
    public async Task Restore_MissingFileInTheMiddle_CutsThere()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SavedPages saved = await StoreAsync(data, Tokens(200 * 64));
        Assert.Equal([new PageRun(0, 64, 3), new PageRun(192, 8, 1)], saved.Runs);
        File.Delete(saved.Paths[1]);
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, data, Tokens(200 * 64), out _);
        Assert.Equal(64 * 64, table.TokenCount);
    }

    [Fact]
    public async Task SaveAsync_PageByPage_MergesFilesLikeABinaryCounter()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        using PagePool pool = Pool();
        SessionFolder session = data.Session("t", "s");
        using var table = new PageTable(pool, Context, session.Pages);
        int[] tokens = Tokens(70 * 64);
        for (int page = 1; page <= 70; page++)
        {
            Assert.True(table.TryReserve(64));
            KvOracle.Append(table, tokens.AsSpan((page - 1) * 64, 64));
            SavedPages saved = await table.SaveAsync();
            Assert.Equal(page, saved.PageCount);
            Assert.Equal(int.PopCount(page % 64) + (page / 64), saved.Paths.Count);
            Assert.True(table.TryReserve(64));
            session.Pages.Retain(saved.Paths);
            Assert.Equal(saved.Paths.Order(), Directory.EnumerateFiles(Path.Combine(data.Session("t", "s").Path, "pages")).Order());
        }

        KvOracle.Check(table);
        using PagePool other = Pool();
        using PageTable restored = Restore(other, data, tokens, out _);
        Assert.Equal(70 * 64, restored.TokenCount);
        KvOracle.Check(restored);
    }

    [Fact]
    public async Task SaveAsync_MergesAFileThatIsBeingRead_TheSpanStaysValid()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        await StoreAsync(data, Tokens(128));
        using PagePool pool = Pool();
        using PageTable table = Restore(pool, data, Tokens(128), out _);
        Assert.True(table.TryReserve(128));
        KvOracle.Append(table, Tokens(256)[128..]);
        ReadAcross(table);
        Assert.Single((await table.SaveAsync()).Paths);
        Assert.True(table.TryReserve(64));
        KvOracle.Check(table);

        static void ReadAcross(PageTable table)
        {
            ReadOnlySpan<byte> page = table.Page(0);
            byte[] before = page.ToArray();
            ((IAsyncResult)table.SaveAsync().AsTask()).AsyncWaitHandle.WaitOne();
            Assert.Equal(4, table.StoredPages);
            Assert.True(page.SequenceEqual(before));
        }
    }

    [Fact]
    public async Task SaveAsync_SmallBudget_MakesFilesThatFitIt()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        using var pool = new PagePool(Layout, Layout.PageBytes * 300L);
        using var table = new PageTable(pool, Context, data.Session("t", "s").Pages);
        for (int page = 0; page < 200; page++)
        {
            Assert.True(table.TryReserve(64));
            KvOracle.Append(table, Tokens(200 * 64).AsSpan(page * 64, 64));
            await table.SaveAsync();
        }

        KvOracle.Check(table);
        SavedPages saved = await table.SaveAsync();
        Assert.All(saved.Paths, path => Assert.InRange(new FileInfo(path).Length, 1, pool.BudgetBytes / 8));
        Assert.InRange(saved.Paths.Count, 8, 20);
        using PageTable restored = Restore(pool, data, Tokens(200 * 64), out _);
        for (int page = 0; page < 200; page++)
        {
            Assert.Equal(Layout.PageBytes, restored.Page(page).Length);
            Assert.InRange(pool.ResidentBytes, 1, pool.BudgetBytes);
        }
    }

    [Fact]
    public async Task Retain_PagesStoredSinceTheSave_KeepsTheirFiles()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context, session.Pages);
        Assert.True(table.TryReserve(200));
        KvOracle.Append(table, Tokens(200)[..130]);
        SavedPages first = await table.SaveAsync();
        KvOracle.Append(table, Tokens(200)[130..]);
        SavedPages second = await table.SaveAsync();
        session.Pages.Retain(first.Paths);
        Assert.All(second.Paths, path => Assert.True(File.Exists(path)));
    }

    [Fact]
    public async Task SaveAsync_AfterTruncateToAnotherHistory_RestoresTheNewOneOnly()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        int[] history = [.. Tokens(400)[..250], .. Enumerable.Repeat(3, 150)];
        using (PagePool pool = Pool())
        {
            SessionFolder session = data.Session("t", "s");
            using var table = new PageTable(pool, Context, session.Pages);
            Assert.True(table.TryReserve(400));
            KvOracle.Append(table, Tokens(400));
            await table.SaveAsync();
            table.Truncate(250);
            Assert.True(table.TryReserve(150));
            KvOracle.Append(table, history[250..]);
            SavedPages saved = await table.SaveAsync();
            Assert.Equal(6, saved.PageCount);
            session.Pages.Retain(saved.Paths);
        }

        using PagePool other = Pool();
        using PageTable restored = Restore(other, data, history, out IReadOnlyList<IOException> problems);
        Assert.Equal(384, restored.TokenCount);
        Assert.Empty(problems);
        KvOracle.Check(restored);
    }

    [Fact]
    public async Task SaveAsync_DiskFullAtAnyByte_LosesNothingAndLeavesNoHalfFile()
    {
        for (int free = 0; free < 12_000; free += 1500)
        {
            using var temporary = new TemporaryFolder();
            var disk = new FullDisk();
            using DataFolder data = DataFolder.Open(temporary.Path, disk);
            await StoreAsync(data, Tokens(64));
            using PagePool pool = Pool();
            using PageTable table = Restore(pool, data, Tokens(64), out _);
            Assert.True(table.TryReserve(192));
            KvOracle.Append(table, Tokens(256)[64..]);
            disk.FreeBytes = free;
            var error = await Assert.ThrowsAsync<PageStoreException>(async () => await table.SaveAsync());
            Assert.Contains("No space left on device", error.Message);
            Assert.Contains(temporary.Path, error.Path);
            KvOracle.Check(table);
            Assert.Empty(Directory.EnumerateFiles(temporary.Path, "*.tmp", SearchOption.AllDirectories));

            disk.FreeBytes = long.MaxValue;
            Assert.Equal(4, (await table.SaveAsync()).PageCount);
            KvOracle.Check(table);
        }
    }

    [Fact]
    public async Task Manifest_OfAMillionTokens_StaysSmall()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        var layout = new KvLayout(1, 1, 2);
        using var pool = new PagePool(layout, layout.PageBytes * 40_000L);
        SessionFolder session = data.Session("t", "s");
        using var table = new PageTable(pool, Context, session.Pages);
        int[] tokens = Tokens(1_000_000);
        Assert.True(table.TryReserve(tokens.Length));
        table.Write(0, 0, tokens.Length, new float[2 * tokens.Length], new float[2 * tokens.Length]);
        table.Commit(tokens);
        SavedPages saved = await table.SaveAsync();
        Assert.Equal(15_625, saved.PageCount);
        session.CommitManifest(new SessionManifest { Tenant = "t", Session = "s" }.WithPages(saved));
        long bytes = new FileInfo(Path.Combine(session.Path, "manifest.json")).Length;
        Assert.InRange(bytes, 1, SessionManifest.MaxBytes / 16);
    }

    [Fact]
    public void Header_KnownFile_IsFrozen()
    {
        // Page files of users begin with these bytes. A change needs a new version, not a new expectation.
        PageId context = Context.Digest(Layout);
        PageId id = PageId.Next(PageId.None, context, Tokens(64));
        var header = new PageFileHeader(Layout, PageFileHeader.Digest("model"), 3, context, [new PageFileEntry(id, context, 0x12345678)]);
        byte[] bytes = header.Encode();
        Assert.Equal(4096, bytes.Length);
        Assert.Equal(4096 + 3264 + 0, header.FileBytes);
        Assert.Equal(PageGolden.Hex, Convert.ToHexStringLower(bytes.AsSpan(0, 200)));
        Assert.All(bytes[200..], b => Assert.Equal(0, b));
    }

    private static PageTable Restore(PagePool pool, DataFolder data, int[] tokens, out IReadOnlyList<IOException> problems)
        => PageTable.Restore(pool, Context, data.Session("t", "s").Pages, tokens, PageVerification.AtRestore, out problems);

    private static async Task<SavedPages> StoreAsync(DataFolder data, int[] tokens)
    {
        using PagePool pool = Pool();
        using var table = new PageTable(pool, Context, data.Session("t", "s").Pages);
        Assert.True(table.TryReserve(tokens.Length));
        KvOracle.Append(table, tokens);
        return await table.SaveAsync();
    }
}
