namespace Actors.Attention;

/// <summary>How a policy finds single keys. Immutable.</summary>
internal sealed record IndexedKeys
{
    /// <summary>Makes the index of one (layer, KV head).</summary>
    public required Func<IKeyIndex> Create { get; init; }

    /// <summary>Keys that a query head reads, of so many in the memory.</summary>
    public required Func<int, int> Wanted { get; init; }

    /// <summary>True when the index's scores are the products of query and key, so that keys need not be gathered to be weighed.</summary>
    public bool ExactScores { get; init; }

    /// <summary>True when keys are compared by their cosine with the query, not by their product.</summary>
    public bool ByCosine { get; init; }

    /// <summary>Found keys with a smaller cosine are not read; for <see cref="ByCosine"/>.</summary>
    public float MinimumCosine { get; init; } = -1;

    /// <summary>Positions from one sample query to the next that the index learns from; 0 shows it none.</summary>
    public int LearnEvery { get; init; }
}
