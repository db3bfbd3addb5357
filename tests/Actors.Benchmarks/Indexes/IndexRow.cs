namespace Actors.Benchmarks.Indexes;

/// <summary>One index searched with one width, over all heads.</summary>
internal sealed record IndexRow
{
    public required string Index { get; init; }

    public required string Width { get; init; }

    /// <summary>Mean per head, one thread.</summary>
    public required double BuildSeconds { get; init; }

    /// <summary>One key appended to one full index; mean over the last keys.</summary>
    public required double AppendMicroseconds { get; init; }

    public required double BytesPerKey { get; init; }

    /// <summary>Median over queries of the median of rounds.</summary>
    public required double QueryMicroseconds { get; init; }

    /// <summary>Keys, centroids and nodes compared, of all keys.</summary>
    public required double Touched { get; init; }

    /// <summary>Of the exact best keys.</summary>
    public required double Recall { get; init; }

    /// <summary>Attention mass found, of the mass of as many exact best keys.</summary>
    public required double MassOfBest { get; init; }

    /// <summary>Smallest of <see cref="MassOfBest"/> over the heads.</summary>
    public required double WorstHead { get; init; }

    /// <summary>Attention mass found, of the mass of all distant keys.</summary>
    public required double MassOfDistant { get; init; }

    /// <summary>Attention mass found and that of sinks and window, of all attention.</summary>
    public required double MassOfAll { get; init; }
}
