using Actors.Models;

namespace Actors.Benchmarks.Attention;

/// <summary>Shows the queries of every layer to an observer as they are made: layer, rows, [rows, queryHeads, headDim].</summary>
internal sealed class ObservedBackend(IModelBackend inner, ObservedBackend.Observer observer) : IModelBackend
{
    public delegate void Observer(int layer, int rows, ReadOnlySpan<float> queries);

    public ModelShape Shape => inner.Shape;

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden) => inner.Embed(tokens, hidden);

    public void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values)
    {
        inner.Pre(layer, rows, hidden, queries, keys, values);
        observer(layer, rows, queries);
    }

    public void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden) => inner.Post(layer, rows, attended, hidden);

    public void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits) => inner.Head(rows, hidden, logits);

    public void Dispose()
    {
    }
}
