namespace Actors.Attention;

/// <summary>Knobs of the key indexes. Immutable; shared by any number of indexes.</summary>
public sealed record KeyIndexOptions
{
    /// <summary>The defaults.</summary>
    public static KeyIndexOptions Default { get; } = new();

    /// <summary>`clusters`: keys per cluster on average.</summary>
    /// <value>Keys, 2 to <see cref="SegmentTokens"/>. Default 16.</value>
    public int ClusterTokens { get; init; } = 16;

    /// <summary>`clusters`: keys that are clustered together, once as many have gathered; until then they are compared one by one.</summary>
    /// <value>Keys, 16 to 65,536. Default 1,024.</value>
    public int SegmentTokens { get; init; } = 1024;

    /// <summary>`clusters`: rounds of assigning keys and averaging centroids.</summary>
    /// <value>1 to 100. Default 9.</value>
    public int ClusterRounds { get; init; } = 9;

    /// <summary>`clusters`: part of the clusters that a search opens; more when they hold fewer keys than asked for.</summary>
    /// <value>Above 0, at most 1. Default 0.018.</value>
    public float OpenedShare { get; init; } = 0.018f;

    internal IEnumerable<string> Failures()
    {
        if (SegmentTokens is < 16 or > 65536)
            yield return $"SegmentTokens is {SegmentTokens}; it must be 16 to 65536.";
        if (ClusterTokens < 2 || ClusterTokens > SegmentTokens)
            yield return $"ClusterTokens is {ClusterTokens}; it must be 2 to SegmentTokens ({SegmentTokens}).";
        if (ClusterRounds is < 1 or > 100)
            yield return $"ClusterRounds is {ClusterRounds}; it must be 1 to 100.";
        if (!(OpenedShare is > 0 and <= 1))
            yield return $"OpenedShare is {OpenedShare}; it must be above 0 and at most 1.";
    }
}
