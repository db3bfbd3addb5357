using Actors.KvCache;
using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks.KvCache;

/// <summary>Storing the keys and values of one token, all layers, beside copying as many floats.</summary>
[MemoryDiagnoser]
public class PageWriteBenchmarks
{
    private PagePool _pool = null!;
    private PageTable _table = null!;
    private float[] _row = null!;
    private float[] _copy = null!;

    [Params("135m", "1b")]
    public string Shape { get; set; } = "135m";

    [Params(KvFormat.Float16, KvFormat.BFloat16, KvFormat.Float32)]
    public KvFormat Format { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        KvLayout layout = Shape == "135m" ? new KvLayout(30, 3, 64, Format) : new KvLayout(16, 8, 64, Format);
        _pool = new PagePool(layout, 16L * layout.PageBytes);
        _table = new PageTable(_pool, new PageContext("model", "dense", "tenant"));
        _table.TryReserve(64);
        var random = new Random(1);
        _row = Enumerable.Range(0, layout.RowElements).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        _copy = new float[layout.RowElements * layout.Layers * 2];
        for (int layer = 0; layer < layout.Layers; layer++)
        {
            for (int token = 0; token < 5; token++) _table.Write(layer, token, 1, _row, _row);
        }

        _table.Commit([1, 2, 3, 4]);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _table.Dispose();
        _pool.Dispose();
    }

    /// <summary>The fifth token of a group, written over and over: the bounds of the four before it are restored each time.</summary>
    [Benchmark]
    public void WriteToken()
    {
        for (int layer = 0; layer < _table.Layout.Layers; layer++) _table.Write(layer, 4, 1, _row, _row);
    }

    [Benchmark(Baseline = true)]
    public void CopyFloats()
    {
        for (int start = 0; start < _copy.Length; start += _row.Length) _row.CopyTo(_copy, start);
    }
}
