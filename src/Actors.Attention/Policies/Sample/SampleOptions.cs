namespace Actors.Attention;

/// <summary>Options of the prefill policy `sample`.</summary>
public sealed record SampleOptions
{
    /// <summary>Sinks, window, and where the keys between them stand.</summary>
    /// <value>Default: 16 sinks, a window of 512 tokens, less for models trained on little.</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Share of attention that the blocks of keys must keep, together with sinks and window.</summary>
    /// <value>0 to 1. Default 0.95.</value>
    public float Alpha { get; init; } = 0.95f;

    /// <summary>Share of attention that the blocks of distances must keep, together with the window.</summary>
    /// <value>0 to 1, null for <see cref="Alpha"/>. Default null.</value>
    public float? SlashAlpha { get; init; }

    /// <summary>Tokens of a segment of queries.</summary>
    /// <value>32 to 4,096. Default 128.</value>
    public int SegmentTokens { get; init; } = 128;

    /// <summary>Queries at the end of each segment that choose for all.</summary>
    /// <value>1 to <see cref="SegmentTokens"/>. Default 8.</value>
    public int Queries { get; init; } = 8;

    internal string Fingerprint => FormattableString.Invariant($"{Memory.Fingerprint};{Alpha:r},{SlashAlpha ?? Alpha:r},{SegmentTokens},{Queries}");

    internal static SampleOptions From(PolicyArguments arguments) => new()
    {
        Memory = MemoryOptions.From(arguments, 16, 512),
        Alpha = arguments.Number("alpha", 0.95f),
        SlashAlpha = arguments.Text("slashes") is null ? null : arguments.Number("slashes", 0),
        SegmentTokens = arguments.Int("segment", 128),
        Queries = arguments.Int("queries", 8),
    };

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (!(Alpha >= 0 && Alpha <= 1))
            yield return FormattableString.Invariant($"alpha is {Alpha}; it must be 0 to 1.");
        if (SlashAlpha is { } slashes && !(slashes >= 0 && slashes <= 1))
            yield return FormattableString.Invariant($"slashes is {slashes}; it must be 0 to 1.");
        if (SegmentTokens is < 32 or > 4096)
            yield return $"segment is {SegmentTokens}; it must be 32 to 4096.";
        if (Queries < 1 || Queries > SegmentTokens)
            yield return $"queries is {Queries}; it must be 1 to the segment of {SegmentTokens}.";
    }
}
