namespace Actors.Server.Evaluation;

/// <summary>Speed of the engine at one length of context, one sequence alone.</summary>
internal sealed record BenchRow
{
    public required string Policy { get; init; }

    /// <summary>Tokens of context.</summary>
    public required int Context { get; init; }

    /// <summary>Of reading the whole context.</summary>
    public required double PrefillTokensPerSecond { get; init; }

    /// <summary>Attention of reading the whole context, for each of its tokens.</summary>
    public required double PrefillAttentionMilliseconds { get; init; }

    /// <summary>Pairs of query and key that the last chunk of the context read, as a share of all that are not in the future.</summary>
    public required double PrefillShareRead { get; init; }

    /// <summary>Median over the rounds of the mean time per generated token.</summary>
    public required double DecodeMilliseconds { get; init; }

    /// <summary>Least of the rounds.</summary>
    public required double DecodeMillisecondsLeast { get; init; }

    /// <summary>Keys that a layer and KV head reads for one token.</summary>
    public required double KeysRead { get; init; }

    /// <summary>Where the time of a decode step goes.</summary>
    public required StepBreakdown Step { get; init; }

    /// <summary>Bytes of keys and values in memory.</summary>
    public required long ResidentBytes { get; init; }
}
