namespace Actors.Engine;

/// <summary>What one turn cost. Cached, computed and recomputed tokens together are the context that the turn started from.</summary>
public sealed record EngineUsage
{
    /// <summary>Tokens of the turn's own input.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the context, input included, whose keys and values were already there: from earlier turns, restored, or shared.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens that were computed for the first time before generation began.</summary>
    public int ComputedTokens { get; init; }

    /// <summary>Tokens of earlier turns that were computed again, because their pages were not stored, lost or damaged.</summary>
    public int RecomputedTokens { get; init; }

    /// <summary>Tokens generated, the one that ended the turn excluded.</summary>
    public int GeneratedTokens { get; init; }

    /// <summary>From acceptance to the first step that worked for the turn.</summary>
    public TimeSpan Waiting { get; init; }

    /// <summary>From the first step to the one that finished the context.</summary>
    public TimeSpan Prefill { get; init; }

    /// <summary>From the end of prefill to the end of the turn.</summary>
    public TimeSpan Decode { get; init; }
}
