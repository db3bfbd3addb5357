namespace Actors.Attention;

/// <summary>What is measured of a head once per model. Every score lies in 0 to 1.</summary>
public enum HeadScoreKind
{
    /// <summary>Attention to earlier copies of the query's own token in repeated random tokens; of a KV head, the greatest of its query heads (arXiv:2407.15891).</summary>
    Echo,

    /// <summary>Attention to the tokens right after earlier copies; of a KV head, the greatest of its query heads (arXiv:2407.15891).</summary>
    Induction,

    /// <summary>How far back the mean query looks among copies of the mean key: 0 at itself, 1 at the beginning; of a KV head, the mean of its query heads (after arXiv:2410.10819, without gradients).</summary>
    Reach,

    /// <summary>Share of an answer's tokens that the head looked up where they were told; of a KV head, the greatest of its query heads (arXiv:2404.15574).</summary>
    Retrieval,
}
