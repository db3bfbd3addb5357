using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Keeps the norm of every key of the heads that choose, and reads the keys with the lowest.</summary>
internal sealed class L2NormReader : KeptReader
{
    private const int BatchTokens = 64;
    private readonly L2NormOptions _options;
    private readonly Norms[] _norms; // [layers, kvHeads], empty for layers that keep everything
    private readonly BlockTokens[] _kept;
    private readonly StoredKeys _stored;
    private readonly float[] _keys;

    public L2NormReader(L2NormPolicy policy, L2NormOptions options, SequenceContext sequence)
        : base(policy, sequence, new(sequence, WholeHeads(options, sequence), options.Beyond))
    {
        _options = options;
        _norms = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new Norms())];
        _kept = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new BlockTokens())];
        _stored = new(sequence);
        _keys = new float[BatchTokens * sequence.Shape.HeadDim];
    }

    public override long Bytes => base.Bytes + _norms.Sum(norms => (long)norms.Negated.Length * sizeof(float)) + _kept.Sum(kept => kept.Bytes);

    public override void OnCommitted()
    {
        base.OnCommitted();
        int tokens = Sequence.Table.TokenCount;
        for (int i = 0; i < _norms.Length; i++)
            Truncate(i, tokens);
        AttentionView next = NextView;
        for (int layer = _options.WholeLayers; layer < Sequence.Shape.Layers && next.Distant; layer++)
        {
            for (int head = 0; head < Sequence.Shape.KvHeads; head++)
                Measure(layer, head, next.WindowStart);
        }
    }

    protected override bool ReadsWhole(int layer, int head) => layer < _options.WholeLayers;

    protected override void PrepareKept(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        if (layer < _options.WholeLayers)
            return;
        bool remembers = TryView((firstToken + rows - 1) / AttentionPolicies.QueryBlockTokens, out AttentionView view);
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
        {
            int index = Sequence.HeadIndex(layer, head);
            Truncate(index, firstToken); // a step that failed may have left more
            _kept[index].Reserve((rows / AttentionPolicies.QueryBlockTokens) + 2);
            if (remembers)
                Measure(layer, head, view.WindowStart);
        }
    }

    protected override void ReadKept(in QueryBlock block, AttentionView view)
    {
        block.Rotate(view);
        block.ReadTokens(Choose(block, view), view, 0, block.Rows);
    }

    // The first row of a block chooses for the others; a long chunk that another policy reads chooses nothing.
    private ReadOnlySpan<int> Choose(in QueryBlock block, AttentionView view)
    {
        int index = Sequence.HeadIndex(block.Layer, block.Head), number = block.FirstPosition / AttentionPolicies.QueryBlockTokens;
        BlockTokens kept = _kept[index];
        lock (kept)
        {
            if (!kept.Holds(number, view.WindowStart))
            {
                int remembered = view.WindowStart - view.SinkTokens;
                Span<int> tokens = kept.Take(number, view.WindowStart, _options.Kept(remembered));
                TopK.Select(_norms[index].Negated.AsSpan(view.SinkTokens, remembered), tokens.Length, tokens);
                TensorPrimitives.Add(tokens, view.SinkTokens, tokens);
                block.Scratch.Counts.Scored += remembered;
            }
            return kept.Read(number);
        }
    }

    private static bool[] WholeHeads(L2NormOptions options, SequenceContext sequence)
        => [.. Enumerable.Range(0, sequence.Heads).Select(i => i / sequence.Shape.KvHeads < options.WholeLayers)];

    private void Truncate(int head, int tokens)
    {
        _norms[head].Count = Math.Min(_norms[head].Count, tokens);
        _kept[head].Truncate(tokens);
    }

    // Norms in fp32 of the first tokens; a rotation does not change them, so they serve keys at any position.
    private void Measure(int layer, int head, int end)
    {
        Norms norms = _norms[Sequence.HeadIndex(layer, head)];
        if (norms.Negated.Length < end)
            Array.Resize(ref norms.Negated, Math.Max(end, Math.Min(2 * norms.Negated.Length, end + 65536)));
        int headDim = Sequence.Shape.HeadDim;
        while (norms.Count < end)
        {
            int count = Math.Min(BatchTokens - (norms.Count % BatchTokens), end - norms.Count);
            _stored.Read(layer, head, norms.Count, count, roped: false, _keys);
            for (int i = 0; i < count; i++)
                norms.Negated[norms.Count++] = -TensorPrimitives.SumOfSquares(_keys.AsSpan(i * headDim, headDim));
        }
    }

    private sealed class Norms
    {
        public float[] Negated = []; // less the squared norm of each token's key
        public int Count;
    }
}
