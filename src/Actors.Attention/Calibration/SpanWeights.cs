namespace Actors.Attention;

/// <summary>Runs of tokens whose attention is scaled in some layers. Immutable.</summary>
/// <param name="FirstLayer">First layer in which it is.</param>
/// <param name="Spans">Disjoint runs.</param>
/// <remarks>Source: arXiv:2406.16008 (found in the middle), which scales the attention of documents by what they are worth.</remarks>
public sealed record SpanWeights(int FirstLayer, IReadOnlyList<SpanWeight> Spans)
{
    private const int MaxSpans = 4096;

    /// <summary>Throws when the runs make no sense.</summary>
    /// <exception cref="ArgumentException">A negative layer, too many runs, a run that is empty or negative, or a weight that is not a number; runs may not overlap.</exception>
    public void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(FirstLayer);
        if (Spans.Count > MaxSpans)
            throw new ArgumentException($"There are weights for {Spans.Count} runs of tokens; at most {MaxSpans} are allowed.", nameof(Spans));
        int end = 0;
        foreach (SpanWeight span in Spans.OrderBy(span => span.Start))
        {
            if (span.Start < end || span.End <= span.Start || !float.IsFinite(span.LogWeight))
                throw new ArgumentException($"The weight {span.LogWeight} of tokens {span.Start} to {span.End} is not usable: runs must be disjoint, not empty, and their weights numbers.", nameof(Spans));
            end = span.End;
        }
    }
}
