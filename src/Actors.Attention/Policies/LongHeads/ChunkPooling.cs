using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Makes a chunk's feature: rows ask the chunk's keys, rotated by their place in the chunk, without a causal mask; the mean of the answers asks once more, and the keys' mean by that
/// attention is the feature. Working memory of its own; one thread.
/// </summary>
/// <remarks>Source: arXiv:2402.10685 (LongHeads).</remarks>
internal sealed class ChunkPooling(SequenceContext sequence, int chunkTokens)
{
    private readonly int _headDim = sequence.Shape.HeadDim;
    private readonly StoredKeys _stored = new(sequence);
    private readonly float[] _keys = new float[chunkTokens * sequence.Shape.HeadDim];
    private readonly float[] _values = new float[chunkTokens * sequence.Shape.HeadDim];
    private readonly float[] _weights = new float[chunkTokens];
    private readonly float[] _sums = new float[chunkTokens]; // attention that each key draws from all rows
    private readonly float[] _row = new float[sequence.Shape.HeadDim];

    /// <summary>Takes the keys and values of a chunk.</summary>
    public void Load(int layer, int head, int chunk)
    {
        _stored.Read(layer, head, chunk * chunkTokens, chunkTokens, roped: false, _keys);
        _stored.ReadValues(layer, head, chunk * chunkTokens, chunkTokens, _values);
        for (int i = 0; i < chunkTokens; i++)
            Rotate(Key(i), i);
        Array.Clear(_sums);
    }

    /// <summary>The loaded keys ask.</summary>
    public void AskByKeys()
    {
        for (int i = 0; i < chunkTokens; i++)
            Ask(Key(i));
    }

    /// <summary>A query asks.</summary>
    /// <param name="query">[headDim] before RoPE and without scale.</param>
    /// <param name="place">Its place in the chunk.</param>
    public void Ask(ReadOnlySpan<float> query, int place)
    {
        query.CopyTo(_row);
        Rotate(_row, place);
        Ask(_row);
    }

    /// <summary>The feature; all rows have asked.</summary>
    /// <param name="feature">[headDim], written.</param>
    public void Finish(Span<float> feature)
    {
        Mean(_sums, _values, 1f / chunkTokens, _row);
        Attend(_row);
        Mean(_weights, _keys, 1, feature);
        Array.Clear(_sums);
    }

    private Span<float> Key(int i) => _keys.AsSpan(i * _headDim, _headDim);

    private void Ask(ReadOnlySpan<float> row)
    {
        Attend(row);
        TensorPrimitives.Add(_sums, _weights, _sums);
    }

    private void Attend(ReadOnlySpan<float> row)
    {
        float scale = 1f / MathF.Sqrt(_headDim);
        for (int i = 0; i < chunkTokens; i++)
            _weights[i] = RowKernel.Dot(row, Key(i)) * scale;
        TensorPrimitives.Subtract(_weights, TensorPrimitives.Max<float>(_weights), _weights); // SoftMax takes exponentials as they are
        TensorPrimitives.SoftMax(_weights, _weights);
    }

    private void Mean(ReadOnlySpan<float> weights, ReadOnlySpan<float> rows, float scale, Span<float> mean)
    {
        mean.Clear();
        for (int i = 0; i < chunkTokens; i++)
            TensorPrimitives.MultiplyAdd(rows.Slice(i * _headDim, _headDim), weights[i] * scale, mean, mean);
    }

    private void Rotate(Span<float> row, int place)
    {
        RotaryTables tables = sequence.Rope.Tables;
        tables.RotateInSegment(row, place, row);
        tables.RotateSegments(row, place / RotaryTables.SegmentTokens, row);
    }
}
