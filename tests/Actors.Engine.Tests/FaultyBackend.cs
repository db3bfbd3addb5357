using Actors.Models;

namespace Actors.Engine.Tests;

/// <summary>Fails once when told to, in the middle of a step, after half of the layers were computed.</summary>
internal sealed class FaultyBackend(IModelBackend inner) : IModelBackend
{
    public bool FailNext { get; set; }

    public ModelShape Shape => inner.Shape;

    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden) => inner.Embed(tokens, hidden);

    public void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values) =>
        inner.Pre(layer, rows, hidden, queries, keys, values);

    public void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden)
    {
        if (FailNext && layer == Shape.Layers / 2)
        {
            FailNext = false;
            throw new InvalidDataException("injected");
        }
        inner.Post(layer, rows, attended, hidden);
    }

    public void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits) => inner.Head(rows, hidden, logits);

    public void Dispose() => inner.Dispose();
}
