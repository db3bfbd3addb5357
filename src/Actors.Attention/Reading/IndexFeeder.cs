using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>Puts keys of the memory into an index, in the space in which a view reads them, and shows it sample queries in between. Working memory of one thread.</summary>
internal sealed class IndexFeeder(SequenceContext sequence, IndexedKeys options)
{
    private const int BatchKeys = 256, LearnKeys = 2048;
    private readonly StoredKeys _stored = new(sequence);
    private readonly AttentionScratch _scratch = new();
    private readonly float[] _keys = new float[BatchKeys * sequence.Shape.HeadDim], _queries = new float[sequence.Shape.QueryHeads * sequence.Shape.HeadDim];
    private float[] _sampled = [];

    /// <summary>Lets an index grow to what a view calls memory. What it learns, and when, depends on the number of keys alone.</summary>
    public void Feed(IKeyIndex index, StoredQueries samples, int layer, int head, AttentionView view)
    {
        while (view.SinkTokens + index.Count < view.WindowStart)
        {
            int first = view.SinkTokens + index.Count, count = Math.Min(Math.Min(BatchKeys, view.WindowStart - first), LearnKeys - (index.Count % LearnKeys));
            Append(index, layer, head, first, count, view.Sinks == SinkPlacement.True);
            if (options.LearnEvery > 0 && index.Count % LearnKeys == 0)
                Learn(index, samples, layer, head, view);
        }
    }

    private void Append(IKeyIndex index, int layer, int head, int first, int count, bool roped)
    {
        int headDim = sequence.Shape.HeadDim;
        Span<float> keys = _keys.AsSpan(0, count * headDim);
        _stored.Read(layer, head, first, count, roped, keys);
        for (int i = 0; i < count && options.ByCosine; i++)
            Normalise(keys.Slice(i * headDim, headDim));
        index.Append(keys);
    }

    // The sample queries that came while the index's last keys were leaving the window, turned as queries that read the memory are.
    private void Learn(IKeyIndex index, StoredQueries samples, int layer, int head, AttentionView view)
    {
        AttentionShape shape = sequence.Shape;
        int end = view.SinkTokens + index.Count + view.Distance; // the distance is the window
        int from = index.Count == LearnKeys ? 0 : samples.FirstFrom(end - LearnKeys), to = samples.FirstFrom(end), floats = shape.GroupSize * shape.HeadDim;
        if (_sampled.Length < (to - from) * floats)
            _sampled = new float[(to - from) * floats];
        for (int i = from; i < to; i++)
        {
            samples.Read(i, _queries);
            QueryBlock block = new(_scratch, sequence, layer, head, samples.Position(i), 1);
            block.Load(_queries, shape.QueryHeads);
            block.Rotate(view);
            for (int row = 0; row < block.Rows; row++)
                block.Rotated(row).CopyTo(_sampled.AsSpan(((i - from) * floats) + (row * shape.HeadDim)));
        }
        index.Learn(_sampled.AsSpan(0, (to - from) * floats));
    }

    private static void Normalise(Span<float> key)
    {
        float norm = TensorPrimitives.Norm<float>(key);
        if (norm > 0)
            TensorPrimitives.Divide(key, norm, key);
    }
}
