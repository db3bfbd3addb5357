using Actors.Kernels;
using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks.Compute;

/// <summary>One matrix at a time, its weights in memory and in no cache: one row and 256 rows, for each stored type, against reading the bytes.</summary>
public class LinearBenchmarks
{
    private ComputePool? _pool;
    private LinearWeights? _one;
    private LinearWeights? _many;
    private MachineWork? _machine;

    [Params("1024x192", "3072x576", "2048x2048", "2048x8192")]
    public string Matrix { get; set; } = "2048x2048";

    [Params(WeightType.BFloat16, WeightType.Float16, WeightType.Float32)]
    public WeightType Type { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Open()
    {
        int[] sizes = [.. Matrix.Split('x').Select(int.Parse)];
        _pool = new ComputePool(Threads);
        _one = new LinearWeights(_pool, Type, sizes[0], sizes[1], 1);
        _many = new LinearWeights(_pool, Type, sizes[0], sizes[1], 256);
        _machine = new MachineWork(_pool, _one.Bytes);
    }

    /// <summary>A buffer of the same size, warm where it fits a cache.</summary>
    [Benchmark(Baseline = true)]
    public void ReadAsManyBytes() => _machine!.Read();

    [Benchmark]
    public void OneRow() => _one!.Multiply();

    [Benchmark]
    public void Rows256() => _many!.Multiply();

    [GlobalCleanup]
    public void Close()
    {
        _one!.Dispose();
        _many!.Dispose();
        _machine!.Dispose();
        _pool!.Dispose();
    }
}
