using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>The attention map of a segment of one layer, mean over the KV heads. The keys stand in for queries, which are not stored. One thread.</summary>
internal sealed class SpanMap(SequenceContext sequence, int tokens)
{
    private readonly StoredKeys _stored = new(sequence);
    private readonly float[] _keys = new float[tokens * sequence.Shape.HeadDim];
    private readonly float[] _map = new float[tokens * tokens];
    private readonly float[] _row = new float[tokens];

    /// <summary>Computes the map: how each token attends to those before it, itself left out.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="first">First token of the segment.</param>
    /// <returns>[tokens, tokens], valid until the next call.</returns>
    public ReadOnlySpan<float> Compute(int layer, int first)
    {
        int headDim = sequence.Shape.HeadDim, heads = sequence.Shape.KvHeads;
        float scale = 1f / MathF.Sqrt(headDim);
        Array.Clear(_map);
        for (int head = 0; head < heads; head++)
        {
            _stored.Read(layer, head, first, tokens, roped: true, _keys);
            for (int i = 1; i < tokens; i++)
            {
                Span<float> row = _row.AsSpan(0, i);
                for (int j = 0; j < i; j++)
                    row[j] = RowKernel.Dot(_keys.AsSpan(i * headDim, headDim), _keys.AsSpan(j * headDim, headDim)) * scale;
                TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row); // SoftMax takes exponentials as they are
                TensorPrimitives.SoftMax(row, row);
                TensorPrimitives.MultiplyAdd(row, 1f / heads, _map.AsSpan(i * tokens, i), _map.AsSpan(i * tokens, i));
            }
        }
        return _map;
    }
}
