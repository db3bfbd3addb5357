using Actors.KvCache;
using Actors.Storage;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace Actors.Benchmarks.KvCache;

/// <summary>Saving and restoring 8,192 tokens of the 135m shape (180 MB of fp16 pages), beside the checksum of as many bytes.</summary>
[SimpleJob(RunStrategy.Monitoring, warmupCount: 1, iterationCount: 7)]
public class SessionFileBenchmarks
{
    private const int TokenCount = 8192;

    private static readonly KvLayout Layout = new(30, 3, 64);
    private static readonly PageContext Context = new("model", "dense", "tenant");
    private static readonly int[] Tokens = Enumerable.Range(0, TokenCount).Select(i => i * 7919 % 49152).ToArray();

    private DirectoryInfo _folder = null!;
    private DataFolder _data = null!;
    private PagePool _pool = null!;
    private PageTable _table = null!;
    private int _session;

    [GlobalSetup]
    public async Task Setup()
    {
        _folder = Directory.CreateTempSubdirectory("actors-bench-");
        _data = DataFolder.Open(_folder.FullName);
        _pool = new PagePool(Layout, 600L << 20);
        _table = Fill("stored");
        await _table.SaveAsync();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _table.Dispose();
        _pool.Dispose();
        _data.Dispose();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public async Task<int> Save()
    {
        using var table = new PageTable(_pool, Context, _data.Session("t", $"s{_session++}").Pages);
        table.ReusePrefix(Tokens);
        return (await table.SaveAsync()).PageCount;
    }

    [Benchmark]
    public int RestoreVerified() => Restore(PageVerification.AtRestore);

    [Benchmark]
    public int RestoreLazily() => Restore(PageVerification.AtFirstUse);

    [Benchmark(Baseline = true)]
    public uint Checksum()
    {
        uint crc = 0;
        for (int page = 0; page < TokenCount / 64; page++) crc = Crc32C.Append(crc, _table.Page(page));
        return crc;
    }

    private int Restore(PageVerification verification)
    {
        using var pool = new PagePool(Layout, 600L << 20);
        using PageTable table = PageTable.Restore(pool, Context, _data.Session("t", "stored").Pages, Tokens, verification, out _);
        return table.TokenCount;
    }

    private PageTable Fill(string session)
    {
        var table = new PageTable(_pool, Context, _data.Session("t", session).Pages);
        table.TryReserve(TokenCount);
        var rows = new float[TokenCount * Layout.RowElements];
        for (int layer = 0; layer < Layout.Layers; layer++) table.Write(layer, 0, TokenCount, rows, rows);
        table.Commit(Tokens);
        return table;
    }
}
