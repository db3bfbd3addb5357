using Actors.Models;

namespace Actors.Benchmarks.Indexes;

/// <summary>Keeps the keys of every token and the queries of some, before RoPE, while an engine reads one sequence. Keys are rounded as pages round them.</summary>
internal sealed class RecordingBackend(IModelBackend inner, int tokens, Func<int, bool> wantsQueries) : IModelBackend
{
    private readonly int[] _positions = new int[inner.Shape.Layers];

    /// <summary>[layers][tokens, kvHeads, headDim].</summary>
    public float[][] Keys { get; } = [.. Enumerable.Range(0, inner.Shape.Layers).Select(_ => new float[tokens * inner.Shape.KvHeads * inner.Shape.HeadDim])];

    /// <summary>[layers] of [queryHeads, headDim] by position.</summary>
    public Dictionary<int, float[]>[] Queries { get; } = [.. Enumerable.Range(0, inner.Shape.Layers).Select(_ => new Dictionary<int, float[]>())];

    public ModelShape Shape => inner.Shape;

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden) => inner.Embed(tokens, hidden);

    public void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values)
    {
        inner.Pre(layer, rows, hidden, queries, keys, values);
        int keyFloats = Shape.KvHeads * Shape.HeadDim, queryFloats = Shape.QueryHeads * Shape.HeadDim;
        for (int row = 0; row < rows && _positions[layer] < tokens; row++, _positions[layer]++)
        {
            Span<float> kept = Keys[layer].AsSpan(_positions[layer] * keyFloats, keyFloats);
            for (int i = 0; i < keyFloats; i++)
                kept[i] = (float)(Half)keys[(row * keyFloats) + i];
            if (wantsQueries(_positions[layer]))
                Queries[layer].Add(_positions[layer], queries.Slice(row * queryFloats, queryFloats).ToArray());
        }
    }

    public void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden) => inner.Post(layer, rows, attended, hidden);

    public void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits) => inner.Head(rows, hidden, logits);

    public void Dispose() => inner.Dispose();
}
