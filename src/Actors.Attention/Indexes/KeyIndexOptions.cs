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

    /// <summary>`graph`: edges of a key at most. A new key chooses half as many for itself.</summary>
    /// <value>4 to 256. Default 32.</value>
    public int GraphDegree { get; init; } = 32;

    /// <summary>`graph`: best keys of each sample query that are joined with each other.</summary>
    /// <value>Keys, 2 to 1,000. Default 100.</value>
    public int GraphNeighbours { get; init; } = 100;

    /// <summary>`graph`: width of the walk that finds the neighbours of a new key.</summary>
    /// <value>Nodes, 1 to 10,000. Default 32.</value>
    public int GraphBuildQueue { get; init; } = 32;

    /// <summary>`graph`: width of the walk of a search, or as many keys as are asked for when they are more.</summary>
    /// <value>Nodes, 1 to 100,000. Default 200.</value>
    public int GraphQueue { get; init; } = 200;

    /// <summary>`graph`: keys, evenly spaced, that every walk looks at first.</summary>
    /// <value>1 to 1,024. Default 32.</value>
    public int GraphEntries { get; init; } = 32;

    /// <summary>`faiss-hnsw`: links of a key per level, twice as many on the lowest.</summary>
    /// <value>4 to 256. Default 32.</value>
    public int FaissLinks { get; init; } = 32;

    /// <summary>`faiss-hnsw`: width of the walks while building (efConstruction).</summary>
    /// <value>1 to 10,000. Default 40.</value>
    public int FaissBuildWidth { get; init; } = 40;

    /// <summary>`faiss-hnsw`: width of the walk of a search (efSearch), or as many keys as are asked for when they are more.</summary>
    /// <value>1 to 100,000. Default 200.</value>
    public int FaissSearchWidth { get; init; } = 200;

    /// <summary>`faiss-ivf` and `faiss-pq`: inverted lists.</summary>
    /// <value>1 to 65,536, at most <see cref="FaissTrainKeys"/>. Default 512.</value>
    public int FaissLists { get; init; } = 512;

    /// <summary>`faiss-ivf` and `faiss-pq`: lists that a search opens (nprobe).</summary>
    /// <value>1 to 65,536. Default 64.</value>
    public int FaissProbes { get; init; } = 64;

    /// <summary>`faiss-ivf` and `faiss-pq`: first keys, from which lists and codes are learned; until there are as many, all keys are compared one by one.</summary>
    /// <value>Keys, 256 to 16,777,216. Default 20,480.</value>
    public int FaissTrainKeys { get; init; } = 20_480;

    /// <summary>`faiss-pq`: parts that a key is cut into, one byte each.</summary>
    /// <value>A divisor of the head dimension, or 0 for half of it. Default 0.</value>
    public int FaissPqParts { get; init; }

    /// <summary>`faiss-pq`: candidates per key asked for, whose true scores are compared.</summary>
    /// <value>1 to 1,000. Default 4.</value>
    public int FaissRefine { get; init; } = 4;

    /// <summary>`faiss-*`: keys that are handed over together; until then they are compared one by one.</summary>
    /// <value>Keys, 1 to 65,536. Default 256.</value>
    public int FaissBlockKeys { get; init; } = 256;

    /// <summary>`dci`: levels of points.</summary>
    /// <value>1 to 6. Default 3.</value>
    public int DciLevels { get; init; } = 3;

    /// <summary>`dci`: points of a level for each one of the level above.</summary>
    /// <value>2 to 4,096. Default 32.</value>
    public int DciBranch { get; init; } = 32;

    /// <summary>`dci`: composite indices; each proposes candidates of its own.</summary>
    /// <value>1 to 16. Default 2.</value>
    public int DciComposite { get; init; } = 2;

    /// <summary>`dci`: random directions of a composite index, along all of which a candidate was met.</summary>
    /// <value>1 to 16. Default 4.</value>
    public int DciSimple { get; init; } = 4;

    /// <summary>`dci`: part of a cell's points that each composite index proposes.</summary>
    /// <value>Above 0, at most 1. Default 0.8.</value>
    public float DciShare { get; init; } = 0.8f;

    /// <summary>`dci`: points of each level whose cells a search opens.</summary>
    /// <value>1 to 65,536. Default 96.</value>
    public int DciField { get; init; } = 96;

    /// <summary>`dci`: the same while a new key is placed.</summary>
    /// <value>1 to 65,536. Default 5.</value>
    public int DciBuildField { get; init; } = 5;

    /// <summary>`bounds`: groups of 16 keys whose keys are compared, or a quarter as many as keys are asked for when that is more.</summary>
    /// <value>1 to 65,536. Default 64.</value>
    public int BoundsGroups { get; init; } = 64;

    /// <summary>`bounds`: nodes of each level that a search opens.</summary>
    /// <value>1 to 65,536. Default 64.</value>
    public int BoundsOpened { get; init; } = 64;

    internal IEnumerable<string> Failures()
    {
        if (BoundsGroups is < 1 or > 65536)
            yield return $"BoundsGroups is {BoundsGroups}; it must be 1 to 65536.";
        if (BoundsOpened is < 1 or > 65536)
            yield return $"BoundsOpened is {BoundsOpened}; it must be 1 to 65536.";
        if (DciLevels is < 1 or > 6)
            yield return $"DciLevels is {DciLevels}; it must be 1 to 6.";
        if (DciBranch is < 2 or > 4096)
            yield return $"DciBranch is {DciBranch}; it must be 2 to 4096.";
        if (DciComposite is < 1 or > 16)
            yield return $"DciComposite is {DciComposite}; it must be 1 to 16.";
        if (DciSimple is < 1 or > 16)
            yield return $"DciSimple is {DciSimple}; it must be 1 to 16.";
        if (!(DciShare is > 0 and <= 1))
            yield return $"DciShare is {DciShare}; it must be above 0 and at most 1.";
        if (DciField is < 1 or > 65536)
            yield return $"DciField is {DciField}; it must be 1 to 65536.";
        if (DciBuildField is < 1 or > 65536)
            yield return $"DciBuildField is {DciBuildField}; it must be 1 to 65536.";
        if (SegmentTokens is < 16 or > 65536)
            yield return $"SegmentTokens is {SegmentTokens}; it must be 16 to 65536.";
        if (ClusterTokens < 2 || ClusterTokens > SegmentTokens)
            yield return $"ClusterTokens is {ClusterTokens}; it must be 2 to SegmentTokens ({SegmentTokens}).";
        if (ClusterRounds is < 1 or > 100)
            yield return $"ClusterRounds is {ClusterRounds}; it must be 1 to 100.";
        if (!(OpenedShare is > 0 and <= 1))
            yield return $"OpenedShare is {OpenedShare}; it must be above 0 and at most 1.";
        if (GraphDegree is < 4 or > 256)
            yield return $"GraphDegree is {GraphDegree}; it must be 4 to 256.";
        if (GraphNeighbours is < 2 or > 1000)
            yield return $"GraphNeighbours is {GraphNeighbours}; it must be 2 to 1000.";
        if (GraphBuildQueue is < 1 or > 10_000)
            yield return $"GraphBuildQueue is {GraphBuildQueue}; it must be 1 to 10000.";
        if (GraphQueue is < 1 or > 100_000)
            yield return $"GraphQueue is {GraphQueue}; it must be 1 to 100000.";
        if (GraphEntries is < 1 or > 1024)
            yield return $"GraphEntries is {GraphEntries}; it must be 1 to 1024.";
        if (FaissLinks is < 4 or > 256)
            yield return $"FaissLinks is {FaissLinks}; it must be 4 to 256.";
        if (FaissBuildWidth is < 1 or > 10_000)
            yield return $"FaissBuildWidth is {FaissBuildWidth}; it must be 1 to 10000.";
        if (FaissSearchWidth is < 1 or > 100_000)
            yield return $"FaissSearchWidth is {FaissSearchWidth}; it must be 1 to 100000.";
        if (FaissTrainKeys is < 256 or > 1 << 24)
            yield return $"FaissTrainKeys is {FaissTrainKeys}; it must be 256 to {1 << 24}.";
        if (FaissLists < 1 || FaissLists > Math.Min(65536, FaissTrainKeys))
            yield return $"FaissLists is {FaissLists}; it must be 1 to 65536 and at most FaissTrainKeys ({FaissTrainKeys}).";
        if (FaissProbes is < 1 or > 65536)
            yield return $"FaissProbes is {FaissProbes}; it must be 1 to 65536.";
        if (FaissPqParts is < 0 or > KeyIndexes.MaxHeadDim)
            yield return $"FaissPqParts is {FaissPqParts}; it must be 0 to {KeyIndexes.MaxHeadDim}.";
        if (FaissRefine is < 1 or > 1000)
            yield return $"FaissRefine is {FaissRefine}; it must be 1 to 1000.";
        if (FaissBlockKeys is < 1 or > 65536)
            yield return $"FaissBlockKeys is {FaissBlockKeys}; it must be 1 to 65536.";
    }
}
