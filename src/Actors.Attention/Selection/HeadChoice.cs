namespace Actors.Attention;

/// <summary>How the query heads that share one KV head choose what they read.</summary>
public enum HeadChoice
{
    /// <summary>Together: what counts is the largest of the heads' scores, each measured against what the head's window draws.</summary>
    Max,

    /// <summary>Together: the heads' scores are added up.</summary>
    Sum,

    /// <summary>Each head for itself.</summary>
    Each,
}
