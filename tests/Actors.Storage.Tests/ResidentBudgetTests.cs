using System.Globalization;
using Actors.KvCache;

namespace Actors.Storage.Tests;

public class ResidentBudgetTests
{
    private static readonly PageContext Context = new("model", "dense", "tenant");

    /// <summary>
    /// 200,000 tokens whose pages take 13 times the budget: written, then read twice. The counters and what the system says about the
    /// mappings of the page files both stay under it.
    /// </summary>
    [Fact]
    public async Task Pages_FarBeyondTheBudget_StayUnderItInRealResidentMemory()
    {
        var layout = new KvLayout(2, 2, 64);
        const int TokenCount = 200_000;
        long budget = (long)KvLayout.PagesFor(TokenCount) * layout.PageBytes / 13;
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        using var pool = new PagePool(layout, budget);
        await using var table = new PageTable(pool, Context, data.Session("t", "s").Pages);
        await FillAsync(pool, table, TokenCount, budget);
        await table.SaveAsync();
        Assert.True(table.ResidentPages <= pool.LimitPages);

        long most = 0;
        for (int round = 0; round < 2; round++)
        {
            for (int page = 0; page < table.PageCount; page++)
            {
                AssertContent(table, layout, page);
                Assert.True(pool.ResidentBytes <= budget);
                if (page % 250 == 0) most = Math.Max(most, MappedResidentBytes(temporary.Path) ?? 0);
            }
        }

        Assert.True(pool.SlotBytes + most <= budget, $"slots {pool.SlotBytes} + mapped {most} pass the budget of {budget} bytes");
        if (OperatingSystem.IsLinux()) Assert.True(most > 0);
        pool.CheckIntegrity();
    }

    private static async Task FillAsync(PagePool pool, PageTable table, int tokenCount, long budget)
    {
        KvLayout layout = table.Layout;
        const int Chunk = 250;
        var keys = new float[Chunk * layout.RowElements];
        var tokens = new int[Chunk];
        for (int first = 0; first < tokenCount; first += Chunk)
        {
            for (int i = 0; i < Chunk; i++)
            {
                tokens[i] = (first + i) % 50_000;
                keys.AsSpan(i * layout.RowElements, layout.RowElements).Fill((first + i) % 2048);
            }

            while (true)
            {
                Task room = pool.RoomChanged;
                if (table.TryReserve(Chunk)) break;
                await room.WaitAsync(TimeSpan.FromSeconds(60));
            }

            for (int layer = 0; layer < layout.Layers; layer++) table.Write(layer, first, Chunk, keys, keys);
            table.Commit(tokens);
            Assert.True(pool.ResidentBytes <= budget);
        }
    }

    private static void AssertContent(PageTable table, KvLayout layout, int page)
    {
        ReadOnlySpan<Half> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(table.Page(page)[layout.ValuesOffset(1, 0)..]);
        int tokens = Math.Min(KvLayout.PageTokens, table.TokenCount - (page * KvLayout.PageTokens));
        for (int i = 0; i < tokens; i++) Assert.Equal((Half)(((page * KvLayout.PageTokens) + i) % 2048), values[i * layout.HeadDim]);
    }

    /// <summary>Resident bytes of the mappings of files below a folder, or null where the system does not tell.</summary>
    private static long? MappedResidentBytes(string folder)
    {
        if (!File.Exists("/proc/self/smaps")) return null;
        long bytes = 0;
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains('-') && line.IndexOf('-') < 17) inside = line.Contains(folder, StringComparison.Ordinal);
            else if (inside && line.StartsWith("Rss:", StringComparison.Ordinal))
                bytes += 1024 * long.Parse(line.AsSpan(4).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture);
        }

        return bytes;
    }
}
