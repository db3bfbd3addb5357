using Actors.Kernels;
using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks.Compute;

/// <summary>A model size and a number of threads; the baseline of every class is the machine's own limit for the same amount of work.</summary>
public abstract class ThreadedBenchmark
{
    private SyntheticCheckpoint? _synthetic;

    [Params("tiny", "135m", "1b")]
    public string Model { get; set; } = "tiny";

    [Params(1, 2)]
    public int Threads { get; set; }

    protected ComputePool Pool { get; private set; } = null!;

    protected Actors.Models.Checkpoint Checkpoint => _synthetic!.Checkpoint;

    [GlobalSetup]
    public void Open()
    {
        Pool = new ComputePool(Threads);
        _synthetic = new SyntheticCheckpoint(ModelSizes.Of(Model));
        Prepare();
    }

    [GlobalCleanup]
    public void Close()
    {
        Release();
        _synthetic!.Dispose();
        Pool.Dispose();
    }

    protected abstract void Prepare();

    protected abstract void Release();
}
