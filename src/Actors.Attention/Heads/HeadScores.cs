namespace Actors.Attention;

/// <summary>What kind of head each head of one model is, measured once and kept in a file beside the weights. Immutable.</summary>
public sealed record HeadScores
{
    /// <summary>Fingerprint of the model that was measured.</summary>
    public required string Model { get; init; }

    /// <summary>Head counts of that model.</summary>
    public required AttentionShape Shape { get; init; }

    /// <summary>What was run, so that it can be run again.</summary>
    public required string Command { get; init; }

    /// <summary>Scores of query heads by kind, each [layers, queryHeads]. <see cref="HeadScoreKind.Retrieval"/> may be missing.</summary>
    public required IReadOnlyDictionary<HeadScoreKind, IReadOnlyList<float>> QueryHeads { get; init; }

    /// <summary>Scores of KV heads: the greatest of the query heads that share it, of <see cref="HeadScoreKind.Reach"/> their mean.</summary>
    /// <param name="kind">Which score.</param>
    /// <returns>[layers, kvHeads].</returns>
    /// <exception cref="KeyNotFoundException">The score was not measured.</exception>
    public float[] KvHeads(HeadScoreKind kind)
        => [.. QueryHeads[kind].Chunk(Shape.GroupSize).Select(group => kind == HeadScoreKind.Reach ? group.Average() : group.Max())];
}
