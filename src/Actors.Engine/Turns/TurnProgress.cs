namespace Actors.Engine;

/// <summary>Where a turn stands, in tokens and time stamps. Owned by the step thread.</summary>
internal sealed class TurnProgress
{
    /// <summary>True once a token was sampled: from then on the turn needs one row a step.</summary>
    public bool Decoding { get; set; }

    public int CachedTokens { get; set; }

    public int ComputedTokens { get; set; }

    public int RecomputedTokens { get; set; }

    public int GeneratedTokens { get; set; }

    public long AcceptedAt { get; set; }

    public long StartedAt { get; set; }

    public long DecodingAt { get; set; }

    /// <summary>Time stamp since which the turn finds no room for its keys and values; null while it does not have to wait.</summary>
    public long? WithoutRoomSince { get; set; }

    /// <summary>Times that a damaged page had to be computed again.</summary>
    public int LostPages { get; set; }

    /// <summary>Length of the context that must be there before the first token can be sampled.</summary>
    public int ContextTokens { get; set; }

    public EngineUsage ToUsage(int promptTokens, TimeProvider time)
    {
        long now = time.GetTimestamp();
        return new EngineUsage
        {
            PromptTokens = promptTokens,
            CachedTokens = CachedTokens,
            ComputedTokens = ComputedTokens,
            RecomputedTokens = RecomputedTokens,
            GeneratedTokens = GeneratedTokens,
            Waiting = time.GetElapsedTime(AcceptedAt, StartedAt),
            Prefill = time.GetElapsedTime(StartedAt, Decoding ? DecodingAt : now),
            Decode = Decoding ? time.GetElapsedTime(DecodingAt, now) : TimeSpan.Zero,
        };
    }
}
