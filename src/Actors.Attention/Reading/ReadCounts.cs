namespace Actors.Attention;

/// <summary>What the primitives of a query block have read since it was loaded. One worker's.</summary>
internal struct ReadCounts
{
    /// <summary>Keys times the rows that read them.</summary>
    public long Pairs;

    /// <summary>Nodes, centroids or keys that an index compared.</summary>
    public long Scored;

    /// <summary>Distant 16-token groups that were read whole.</summary>
    public long Groups;

    /// <summary>Pages touched.</summary>
    public long Pages;
}
