namespace Actors.Attention;

/// <summary>How the query heads that share one KV head agree on pages.</summary>
public enum QuestHeads
{
    /// <summary>A page's bound is the largest of the heads', each measured against what the head's window draws.</summary>
    Max,

    /// <summary>A page's bound is the sum of the heads'.</summary>
    Sum,

    /// <summary>They do not: each head reads the pages of its own choice.</summary>
    Each,
}
