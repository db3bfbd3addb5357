using System.Globalization;

namespace Actors.Attention;

/// <summary>Options of the policy `clusters`.</summary>
public sealed record ClustersOptions
{
    /// <summary>Sinks, window and where the keys between them stand.</summary>
    /// <value>See there. Default: 16 sinks (the paper: 4) and a window of three quarters of the trained window, at most 4,096 tokens (the paper: 64).</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Keys that are clustered together once all of them have left the window. Until then they are read exactly.</summary>
    /// <value>Tokens, a multiple of 16, 16 to 65,536. Default: half of the trained window, 32 to the paper's 1,024.</value>
    public int SegmentTokens { get; init; } = 256;

    /// <summary>Keys of a cluster on average.</summary>
    /// <value>Tokens, 2 to <see cref="SegmentTokens"/>. Default 8 (the paper: 16).</value>
    public int ClusterTokens { get; init; } = 8;

    /// <summary>Rounds of k-means.</summary>
    /// <value>1 to 100. Default 9.</value>
    public int Rounds { get; init; } = 9;

    /// <summary>Part of the clusters whose keys are read exactly.</summary>
    /// <value>0 to 1. Default 0.018.</value>
    public float Retrieved { get; init; } = 0.018f;

    /// <summary>Fewest tokens read exactly, in clusters of average size: 1.8 % of a short context is next to nothing.</summary>
    /// <value>Tokens, 0 to 1,048,576. Default 256.</value>
    public int LeastTokens { get; init; } = 256;

    /// <summary>Most tokens read exactly, in clusters of average size.</summary>
    /// <value>Tokens, <see cref="LeastTokens"/> to 1,048,576. Default: the trained window.</value>
    public int MostTokens { get; init; } = 512;

    /// <summary>Part of the clusters, those after the retrieved ones, that take part as one key each, as heavy as their members, while keys stand at true positions.</summary>
    /// <value>0 to 1. Default 0.232.</value>
    public float Estimated { get; init; } = 0.232f;

    /// <summary>The same while keys stand at the constant distance.</summary>
    /// <value>0 to 1. Default 0.</value>
    public float EstimatedFar { get; init; }

    /// <summary>How the query heads of a KV head agree; <see cref="HeadChoice.Sum"/> adds up their shares of the centroids' softmax, as the paper does.</summary>
    /// <value>Default <see cref="HeadChoice.Max"/>.</value>
    public HeadChoice Heads { get; init; }

    /// <summary>Whether clusters are ranked by their centroid and the spread of their keys, or by the centroid alone as in the paper.</summary>
    /// <value>Default true.</value>
    public bool Spread { get; init; } = true;

    internal static ClustersOptions From(PolicyArguments arguments)
    {
        int trained = arguments.Environment.TrainedWindow, least = arguments.Int("least", 256);
        ClustersOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 4096),
            SegmentTokens = arguments.Int("segment", Math.Clamp(trained / 2 / 16 * 16, 32, 1024)),
            ClusterTokens = arguments.Int("cluster", defaults.ClusterTokens),
            Rounds = arguments.Int("rounds", defaults.Rounds),
            Retrieved = arguments.Number("retrieve", defaults.Retrieved),
            LeastTokens = least,
            MostTokens = arguments.Int("most", Math.Max(least, Math.Min(trained, 1 << 20))),
            Estimated = arguments.Number("estimate", defaults.Estimated),
            EstimatedFar = arguments.Number("estimatefar", defaults.EstimatedFar),
            Heads = arguments.Choice("heads", defaults.Heads),
            Spread = arguments.Choice("rank", ClusterRank.Spread) == ClusterRank.Spread,
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (SegmentTokens is < 16 or > 65536 || SegmentTokens % 16 != 0)
            yield return $"segment is {SegmentTokens}; it must be a multiple of 16, 16 to 65536.";
        if (ClusterTokens < 2 || ClusterTokens > SegmentTokens)
            yield return $"cluster is {ClusterTokens}; it must be 2 to segment ({SegmentTokens}).";
        if (Rounds is < 1 or > 100)
            yield return $"rounds is {Rounds}; it must be 1 to 100.";
        if (LeastTokens is < 0 or > 1 << 20)
            yield return $"least is {LeastTokens}; it must be 0 to 1048576.";
        if (MostTokens < LeastTokens || MostTokens > 1 << 20)
            yield return $"most is {MostTokens}; it must be least ({LeastTokens}) to 1048576.";
        foreach ((string option, float share) in ((string, float)[])[("retrieve", Retrieved), ("estimate", Estimated), ("estimatefar", EstimatedFar)])
        {
            if (!(share is >= 0 and <= 1))
                yield return FormattableString.Invariant($"{option} is {share}; it must be 0 to 1.");
        }
        if (!Enum.IsDefined(Heads))
            yield return $"heads is {Heads}; use max, sum or each.";
    }

    internal string Fingerprint => string.Create(
        CultureInfo.InvariantCulture, $"{Memory.Fingerprint};{SegmentTokens},{ClusterTokens},{Rounds},{Retrieved:r},{LeastTokens},{MostTokens},{Estimated:r},{EstimatedFar:r},{Heads},{Spread}");

    // Words of the option `rank`.
    private enum ClusterRank
    {
        Spread,
        Centroid,
    }
}
