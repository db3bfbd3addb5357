using Actors.Models;

namespace Actors.Engine.Tests;

/// <summary>Gives keys that no cache can hold to rows of one token, so that only the sequence with that token fails.</summary>
internal sealed class NanBackend(IModelBackend inner, int badToken) : IModelBackend
{
    private int[] _tokens = [];

    public ModelShape Shape => inner.Shape;

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden)
    {
        _tokens = tokens.ToArray();
        inner.Embed(tokens, hidden);
    }

    public void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values)
    {
        inner.Pre(layer, rows, hidden, queries, keys, values);
        int width = Shape.KvHeads * Shape.HeadDim;
        for (int row = 0; row < rows; row++)
        {
            if (_tokens[row] == badToken)
                keys.Slice(row * width, width).Fill(float.NaN);
        }
    }

    public void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden) => inner.Post(layer, rows, attended, hidden);

    public void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits) => inner.Head(rows, hidden, logits);

    public void Dispose() => inner.Dispose();
}
