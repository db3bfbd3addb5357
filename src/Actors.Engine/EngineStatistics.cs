namespace Actors.Engine;

/// <summary>What an engine has done since it started, and what it holds now. Differences of two snapshots describe a span of time.</summary>
public sealed record EngineStatistics
{
    /// <summary>Steps computed.</summary>
    public long Steps { get; init; }

    /// <summary>Rows of prefill computed for the first time, in tokens.</summary>
    public long PrefillTokens { get; init; }

    /// <summary>Rows of prefill computed again because their pages were not there, in tokens.</summary>
    public long RecomputedTokens { get; init; }

    /// <summary>Rows of decoding, in tokens.</summary>
    public long DecodeTokens { get; init; }

    /// <summary>Tokens of context that turns found already computed.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Turns that run now.</summary>
    public int RunningTurns { get; init; }

    /// <summary>Turns that wait now.</summary>
    public int WaitingTurns { get; init; }

    /// <summary>Bytes of memory that hold keys and values now.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>The budget that <see cref="ResidentBytes"/> stays under.</summary>
    public long BudgetBytes { get; init; }

    /// <summary>Time of all steps together.</summary>
    public TimeSpan StepTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in norm and q, k, v projections, the embedding of the tokens included.</summary>
    public TimeSpan PreTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in writing keys and values to pages, and sealing full pages.</summary>
    public TimeSpan WriteTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in attention.</summary>
    public TimeSpan AttentionTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in output projections, norms and MLPs.</summary>
    public TimeSpan PostTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in final norms and the head.</summary>
    public TimeSpan HeadTime { get; init; }

    /// <summary>Part of <see cref="StepTime"/> in sampling.</summary>
    public TimeSpan SampleTime { get; init; }
}
