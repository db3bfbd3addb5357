using Actors.Models;
using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks;

/// <summary>Chooses one token of a vocabulary as large as Qwen's; the baseline is greedy.</summary>
[MemoryDiagnoser]
public class SamplerBenchmarks
{
    private const int Vocabulary = 151_936;
    private readonly float[] _logits = new float[Vocabulary];
    private Sampler _greedy = null!;
    private Sampler _plain = null!;
    private Sampler _filtered = null!;

    [GlobalSetup]
    public void Setup()
    {
        // About normal with a spread of 2.5, as the logits of trained models are.
        var random = new Random(1);
        for (int i = 0; i < Vocabulary; i++)
            _logits[i] = 2.5f * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        _greedy = new Sampler(new SamplingOptions { Temperature = 0 }, Vocabulary);
        _plain = new Sampler(new SamplingOptions { Seed = 1 }, Vocabulary);
        _filtered = new Sampler(new SamplingOptions { Seed = 1, Temperature = 0.7f, TopK = 40, TopP = 0.95f, MinP = 0.02f, RepetitionPenalty = 1.1f }, Vocabulary);
    }

    [Benchmark(Baseline = true)]
    public int Greedy() => _greedy.Sample(_logits).Token;

    [Benchmark]
    public int Plain() => _plain.Sample(_logits).Token;

    [Benchmark]
    public int Filtered() => _filtered.Sample(_logits).Token;
}
