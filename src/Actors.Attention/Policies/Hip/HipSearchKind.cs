namespace Actors.Attention;

/// <summary>How keys are searched.</summary>
public enum HipSearchKind
{
    /// <summary>Ranges over the whole memory are halved again and again, and the better half of all halves is kept (HiP).</summary>
    Halving,

    /// <summary>Chunks of 256, then 32, then 8 tokens, each judged by one token that halving inside of it leads to; 16, 4 and 1 times the budget are kept (InfiniteHiP).</summary>
    Stages,
}
