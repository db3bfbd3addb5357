namespace Actors.Models;

/// <summary>
/// Counter-based random numbers: draw i is a mix of seed + i * constant, so that a sequence can be entered at any draw.
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble()
    {
        _state += Step;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Passes over draws.</summary>
    public void Skip(long draws) => _state += unchecked(Step * (ulong)draws);
}
