using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>What is added to the scores of some tokens of one (layer, KV head) before their softmax. One worker's; grows and then allocates nothing.</summary>
internal sealed class ScoreBias
{
    private readonly List<int[]> _leftOut = []; // by query head of the group
    private IReadOnlyList<SpanWeight> _spans = [];
    private int _first;

    /// <summary>Whether the tokens that are left out are read after all.</summary>
    public bool ReadsAll { get; set; }

    /// <summary>Starts anew.</summary>
    /// <param name="leftOut">For each query head of the group tokens that are not read; empty for none.</param>
    /// <param name="first">First token of the window: before it nothing is left out.</param>
    /// <param name="spans">Runs whose scores are raised or lowered.</param>
    public void Set(ReadOnlySpan<int[]> leftOut, int first, IReadOnlyList<SpanWeight> spans)
    {
        _leftOut.Clear();
        _leftOut.AddRange(leftOut);
        (_first, _spans) = (first, spans);
        ReadsAll = false;
    }

    /// <summary>Adds to the scores of neighbouring tokens.</summary>
    public void Apply(int row, int token, Span<float> scores)
    {
        foreach (SpanWeight span in _spans)
        {
            int from = Math.Max(span.Start - token, 0), to = Math.Min(span.End - token, scores.Length);
            if (from < to)
                TensorPrimitives.Add(scores[from..to], span.LogWeight, scores[from..to]);
        }
        if (_leftOut.Count == 0 || ReadsAll)
            return;
        foreach (int sink in _leftOut[row % _leftOut.Count])
        {
            if (sink >= _first && sink >= token && sink < token + scores.Length)
                scores[sink - token] = float.NegativeInfinity;
        }
    }

    /// <summary>Adds to the scores of tokens from anywhere.</summary>
    public void Apply(int row, ReadOnlySpan<int> tokens, Span<float> scores)
    {
        for (int i = 0; i < tokens.Length; i++)
            Apply(row, tokens[i], scores.Slice(i, 1));
    }
}
