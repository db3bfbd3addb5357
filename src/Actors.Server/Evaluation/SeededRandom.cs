namespace Actors.Server.Evaluation;

/// <summary>Random numbers that are the same for a seed on every machine and version (SplitMix64, doi:10.1145/2714064.2660195). Not thread-safe.</summary>
internal sealed class SeededRandom(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>A generator of its own for part of the work, so that one part does not shift the numbers of another.</summary>
    /// <param name="part">Number of the part.</param>
    public SeededRandom Fork(int part) => new((long)Mix(_state + (0x9E3779B97F4A7C15UL * (ulong)(part + 1))));

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15UL);

    /// <summary>A number in [0, below).</summary>
    public int Next(int below) => (int)(((UInt128)NextBits() * (ulong)below) >> 64);

    /// <summary>A number in [from, below).</summary>
    public int Next(int from, int below) => from + Next(below - from);

    /// <summary>A number in [0, 1).</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => NextUnit() < probability;

    public T Choose<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    public void Shuffle<T>(IList<T> items)
    {
        for (int i = items.Count - 1; i > 0; i--)
        {
            int other = Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    /// <summary>A random UUID in its usual writing (version 4).</summary>
    public string NextUuid()
    {
        string hex = NextBits().ToString("x16") + NextBits().ToString("x16");
        return $"{hex[..8]}-{hex[8..12]}-4{hex[13..16]}-{"89ab"[Next(4)]}{hex[17..20]}-{hex[20..]}";
    }

    /// <summary>Random letters of the alphabet that begins with the given one.</summary>
    /// <param name="count">Letters.</param>
    /// <param name="first">a or A.</param>
    public string NextLetters(int count, char first) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)(first + Next(26))));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
