using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks.Compute;

/// <summary>One token through all layers and the head, without attention, against reading as many bytes.</summary>
public class DecodeBenchmarks : ThreadedBenchmark
{
    private BackendWork? _backend;
    private MachineWork? _machine;

    /// <summary>A plain loop over a buffer as large as the weights that a step reads.</summary>
    [Benchmark(Baseline = true)]
    public void ReadAsManyBytes() => _machine!.Read();

    [Benchmark]
    public void Step() => _backend!.Step();

    protected override void Prepare()
    {
        _backend = new BackendWork(Checkpoint, Pool, 1);
        _machine = new MachineWork(Pool, 2 * ModelSizes.StepWeights(_backend.Shape));
    }

    protected override void Release()
    {
        _backend!.Dispose();
        _machine!.Dispose();
    }
}
