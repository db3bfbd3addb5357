using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Keeps for each head that does not read everything the mean key and value of what it leaves out.</summary>
internal sealed class RazorReader : KeptReader
{
    private readonly RazorOptions _options;
    private readonly bool[] _full;
    private readonly MemoryMean?[] _means; // [layers, kvHeads]
    private readonly StoredKeys _stored;
    private readonly float[] _rows;
    private readonly int _headDim;
    private Slot[] _slots = [];            // of the query blocks at hand
    private float[] _vectors = [];         // [slots, layers, kvHeads, 2, headDim], means

    public RazorReader(RazorPolicy policy, bool[] full, RazorOptions options, SequenceContext sequence)
        : base(policy, sequence, new(sequence, full, options.Beyond))
    {
        if (full.Length != sequence.Heads)
            throw new ArgumentException($"The head scores are of a model with {full.Length} KV heads in all layers; this one has {sequence.Heads}.", nameof(full));
        (_options, _full, _headDim) = (options, full, sequence.Shape.HeadDim);
        _means = [.. full.Select(all => all ? null : new MemoryMean(options.Memory.SinkTokens, sequence.Shape.HeadDim))];
        _stored = new(sequence);
        _rows = new float[2 * KvLayout.PageTokens * _headDim];
        Reserve(2);
    }

    public override long Bytes => base.Bytes + _means.Sum(mean => mean?.Bytes ?? 0) + ((long)_vectors.Length * sizeof(float));

    public override void OnCommitted()
    {
        base.OnCommitted();
        int tokens = Sequence.Table.TokenCount;
        Truncate(tokens);
        if (tokens == 0)
            return;
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Prepare(layer, tokens, 1, []);
    }

    protected override bool ReadsWhole(int layer, int head) => _full[Sequence.HeadIndex(layer, head)];

    protected override void PrepareKept(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        if (layer == 0)
        {
            Reserve((rows / AttentionPolicies.QueryBlockTokens) + 2);
            Truncate(firstToken); // a step that failed may have left more
        }
        int last = (firstToken + rows - 1) / AttentionPolicies.QueryBlockTokens;
        for (int block = firstToken / AttentionPolicies.QueryBlockTokens; block <= last; block++)
        {
            if (!TryView(block, out AttentionView view))
                continue;
            Slot slot = At(block);
            if (slot.Block != block)
                slot.Begin(block, RecentStart(block, view));
            if (slot.Layers[layer])
                continue;
            for (int head = 0; head < Sequence.Shape.KvHeads; head++)
                _means[Sequence.HeadIndex(layer, head)]?.Write(_stored, layer, head, slot.RecentStart, view.Sinks == SinkPlacement.True, _rows, Vectors(block, layer, head));
            slot.Layers[layer] = true;
        }
    }

    protected override void ReadKept(in QueryBlock block, AttentionView view)
    {
        int number = block.FirstPosition / AttentionPolicies.QueryBlockTokens, recent = At(number).RecentStart, left = recent - view.SinkTokens;
        block.ReadMemory(recent, view.WindowStart, view);
        if (left == 0)
            return;
        block.Rotate(view);
        ReadOnlySpan<float> mean = Vectors(number, block.Layer, block.Head);
        block.ReadVectors(mean[.._headDim], mean[_headDim..], [MathF.Log(left)], 0, block.Rows);
    }

    // Whole groups, so that the rest is read as fast as any other.
    private int RecentStart(int block, AttentionView view)
    {
        int tokens = block * AttentionPolicies.QueryBlockTokens, start = Math.Min(view.WindowStart, tokens - (tokens / _options.Divisor));
        return Math.Max(view.SinkTokens, start - (start % KvLayout.GroupTokens));
    }

    private Slot At(int block) => _slots[block % _slots.Length];

    private Span<float> Vectors(int block, int layer, int head)
        => _vectors.AsSpan(((block % _slots.Length * Sequence.Heads) + Sequence.HeadIndex(layer, head)) * 2 * _headDim, 2 * _headDim);

    private void Truncate(int tokens)
    {
        foreach (MemoryMean? mean in _means)
            mean?.Truncate(tokens);
        foreach (Slot slot in _slots)
            slot.Truncate(tokens);
    }

    private void Reserve(int blocks)
    {
        if (_slots.Length >= blocks)
            return;
        _slots = [.. Enumerable.Range(0, blocks).Select(_ => new Slot(Sequence.Shape.Layers))];
        _vectors = new float[blocks * Sequence.Heads * 2 * _headDim];
    }

    private sealed class Slot(int layers)
    {
        public readonly bool[] Layers = new bool[layers]; // which have their means
        public int Block = -1, RecentStart;

        public void Begin(int block, int recentStart)
        {
            (Block, RecentStart) = (block, recentStart);
            Array.Clear(Layers);
        }

        // Means are of tokens before RecentStart alone, so a cut behind it leaves them right.
        public void Truncate(int tokens) => Block = RecentStart > tokens ? -1 : Block;
    }
}
