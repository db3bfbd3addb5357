namespace Actors.Server.Evaluation;

/// <summary>Where the chance of one sample comes from.</summary>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Sample">Number of the sample.</param>
internal readonly record struct SampleSeed(long Seed, int Sample)
{
    /// <summary>Random numbers of this sample alone.</summary>
    public SeededRandom Own() => new SeededRandom(Seed).Fork(Sample);

    /// <summary>Random numbers that all samples of the seed have in common.</summary>
    public SeededRandom Shared() => new(~Seed);
}
