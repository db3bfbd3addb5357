using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks.Compute;

/// <summary>256 tokens through one layer, without attention, against as many fused multiply-adds that never leave the registers.</summary>
public class PrefillBenchmarks : ThreadedBenchmark
{
    private const int Rows = 256;

    private BackendWork? _backend;
    private MachineWork? _machine;
    private int _repeats;

    [Benchmark(Baseline = true)]
    public void MultiplyAsOften()
    {
        for (int i = 0; i < _repeats; i++)
        {
            _machine!.Multiply();
        }
    }

    [Benchmark]
    public void Layer() => _backend!.Layer(0);

    protected override void Prepare()
    {
        _backend = new BackendWork(Checkpoint, Pool, Rows);
        _machine = new MachineWork(Pool, 1);
        _repeats = (int)Math.Round(2.0 * Rows * ModelSizes.LayerWeights(_backend.Shape) / _machine.Operations);
    }

    protected override void Release()
    {
        _backend!.Dispose();
        _machine!.Dispose();
    }
}
