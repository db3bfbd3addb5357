namespace Actors.Attention;

/// <summary>Working memory of one worker that searches key indexes. It grows to the largest search and then allocates nothing; not safe for concurrent use.</summary>
public sealed class IndexScratch
{
    /// <summary>Keys, centroids or nodes that the last search compared with its query.</summary>
    public long Scored { get; set; }

    internal BestKeys Best { get; } = new();
}
