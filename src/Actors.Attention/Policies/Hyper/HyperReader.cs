namespace Actors.Attention;

/// <summary>Reads long chunks by sorted blocks and samples.</summary>
internal sealed class HyperReader(HyperPolicy policy, HyperOptions options, SequenceContext sequence) : ChunkReader(policy, sequence)
{
    private readonly AngularHash _hash = new(sequence.Shape.HeadDim);
    private readonly SortedKeys[] _keys = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => new SortedKeys())];
    private readonly float[][] _results = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => Array.Empty<float>())]; // per row headDim values and the LSE

    public override long Bytes => base.Bytes + _keys.Sum(keys => keys.Bytes) + _results.Sum(results => 4L * results.Length);

    public override void Dispose()
    {
        base.Dispose();
        for (int head = 0; head < _keys.Length; head++)
            (_keys[head], _results[head]) = (new(), []);
    }

    protected override void Look(AttentionScratch scratch, int layer, int head)
    {
        int rowFloats = Sequence.Shape.GroupSize * (Sequence.Shape.HeadDim + 1);
        if (_results[head].Length < Rows * rowFloats)
            _results[head] = new float[Rows * rowFloats];
        for (int first = First, end; first <= Last; first = end)
        {
            (end, AttentionView view) = Run(first);
            if (IsExact(layer, view))
                continue;
            SortedKeys keys = _keys[head];
            int count = view.WindowStart - view.SinkTokens;
            keys.Reset(view.SinkTokens, count, options.BlockTokens, (end - first) * Sequence.Shape.GroupSize);
            QueryBlock block = Take(scratch, layer, head, first, end - first);
            Span<int> samples = keys.Drawn(Math.Min(options.Samples, count));
            AngularHash.Draw(view.SinkTokens, view.WindowStart, samples, ((ulong)Sequence.HeadIndex(layer, head) << 32) + (uint)first);
            block.Pack(samples, view, keys.Samples);
            block.Rotate(view);
            block.ReadSorted(keys, _hash, view);
            block.StorePartial(_results[head].AsSpan((first - First) * rowFloats));
        }
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        int first = block.FirstPosition;
        while (first > First && Same(Policy.View(first - 1), view))
            first--;
        AttentionView common = Policy.View(first);
        if (IsExact(block.Layer, common))
        {
            block.ReadMemory(view.SinkTokens, view.WindowStart, view);
            return;
        }
        block.ReadMemory(common.WindowStart, view.WindowStart, view);
        block.MergePartial(_results[block.Head].AsSpan((block.FirstPosition - First) * Sequence.Shape.GroupSize * (Sequence.Shape.HeadDim + 1)));
    }

    // Rows from a position on whose memory stands at places of one kind; what the first of them remembers, all remember.
    private (int End, AttentionView View) Run(int first)
    {
        AttentionView view = Policy.View(first);
        int end = first + 1;
        while (end <= Last && Same(Policy.View(end), view))
            end++;
        return (end, view);
    }

    private static bool Same(AttentionView one, AttentionView other) => one.Distant == other.Distant && one.Sinks == other.Sinks;

    private bool IsExact(int layer, AttentionView view)
        => !view.Distant || layer < options.FirstLayer || view.WindowStart - view.SinkTokens < Math.Max(options.Minimum, 1);
}
