namespace Actors.Storage;

/// <summary>Counters of one session over its life.</summary>
public sealed record SessionUsage
{
    /// <summary>Turns finished.</summary>
    public long Turns { get; init; }

    /// <summary>Input tokens accepted.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens generated.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens computed, those computed again included.</summary>
    public long ComputedTokens { get; init; }

    /// <summary>Tokens whose pages were found and not computed.</summary>
    public long CachedTokens { get; init; }
}
