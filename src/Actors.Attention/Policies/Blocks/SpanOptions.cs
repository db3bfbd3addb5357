using System.Globalization;

namespace Actors.Attention;

/// <summary>Spans of tokens that attend to each other, instead of groups of 16, as the unit that `blocks` chooses.</summary>
/// <remarks>Source: arXiv:2412.04757 (Ltri-LLM).</remarks>
public sealed record SpanOptions
{
    /// <summary>Tokens whose attention map is looked at together; no span crosses from one such segment into the next.</summary>
    /// <value>A multiple of 32, 32 to 512, at most the window less 32. Default: half of the window, 32 to 256.</value>
    public int SegmentTokens { get; init; } = 192;

    /// <summary>Longest span.</summary>
    /// <value>Tokens, 2 to <see cref="SegmentTokens"/>. Default 64.</value>
    public int MostTokens { get; init; } = 64;

    /// <summary>What every pair of tokens of a span costs it, of a row of attention that adds up to 1: the higher, the shorter the spans.</summary>
    /// <value>0 to 1. Default 0.05.</value>
    public float Threshold { get; init; } = 0.05f;

    /// <summary>How much of their union two spans may share before the one with the lower score is dropped.</summary>
    /// <value>0 to 1. Default 0.3.</value>
    public float Overlap { get; init; } = 0.3f;

    /// <summary>What stands for a span.</summary>
    /// <value>Default <see cref="SpanIndexKind.Bounds"/>.</value>
    public SpanIndexKind Index { get; init; }

    internal static SpanOptions? From(PolicyArguments arguments, int windowTokens)
    {
        bool on = arguments.Choice("spans", Switch.Off) == Switch.On;
        SpanOptions defaults = new() { SegmentTokens = Math.Clamp(windowTokens / 2 / 32 * 32, 32, 256) };
        SpanOptions options = new()
        {
            SegmentTokens = arguments.Int("spans.segment", defaults.SegmentTokens),
            MostTokens = arguments.Int("spans.most", Math.Min(defaults.MostTokens, defaults.SegmentTokens)),
            Threshold = arguments.Number("spans.threshold", defaults.Threshold),
            Overlap = arguments.Number("spans.overlap", defaults.Overlap),
            Index = arguments.Choice("spans.index", defaults.Index),
        };
        return on ? options : null;
    }

    internal IEnumerable<string> Failures(int windowTokens)
    {
        if (SegmentTokens is < 32 or > 512 || SegmentTokens % 32 != 0 || SegmentTokens > Math.Max(windowTokens - 32, 32))
            yield return $"spans.segment is {SegmentTokens}; it must be a multiple of 32, 32 to 512, and at most the window ({windowTokens}) less 32.";
        if (MostTokens < 2 || MostTokens > SegmentTokens)
            yield return $"spans.most is {MostTokens}; it must be 2 to spans.segment ({SegmentTokens}).";
        if (!(Threshold is >= 0 and <= 1))
            yield return FormattableString.Invariant($"spans.threshold is {Threshold}; it must be 0 to 1.");
        if (!(Overlap is >= 0 and <= 1))
            yield return FormattableString.Invariant($"spans.overlap is {Overlap}; it must be 0 to 1.");
        if (!Enum.IsDefined(Index))
            yield return $"spans.index is {Index}; use bounds or mean.";
    }

    internal string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"spans/1,{SegmentTokens},{MostTokens},{Threshold:r},{Overlap:r},{Index}");

    // Words of the option `spans`.
    private enum Switch
    {
        Off,
        On,
    }
}
