using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Reads an exact window and the sinks before it, and in policies with a selection distant groups between them, found by their bounds: dense, streaming, blocks and auto.
/// </summary>
internal sealed class WindowReader : PolicyReader
{
    private readonly IAttentionPolicy _policy;
    private readonly SelectionOptions? _selection;
    private readonly SequenceContext _sequence;
    private readonly KeyIndex[] _indexes;           // [layers, kvHeads] when groups are chosen, else empty
    private readonly ReceivedAttention[] _received; // [layers, kvHeads] when representatives are chosen, else empty

    /// <summary>Binds a policy to a sequence.</summary>
    /// <param name="policy">Says what is read.</param>
    /// <param name="selection">How distant groups are chosen, null when none is read.</param>
    /// <param name="sequence">The sequence.</param>
    public WindowReader(IAttentionPolicy policy, SelectionOptions? selection, SequenceContext sequence)
    {
        _policy = policy;
        _selection = selection;
        _sequence = sequence;
        _indexes = new KeyIndex[selection is null ? 0 : sequence.Heads];
        for (int i = 0; i < _indexes.Length; i++)
            _indexes[i] = new(sequence.Table.Layout.Format, sequence.Shape.HeadDim);
        _received = selection?.Kind == SelectionKind.Representatives ? [.. _indexes.Select(_ => new ReceivedAttention())] : [];
    }

    public override long Bytes => _indexes.Sum(index => index.Bytes);

    public override bool RowByRow => _selection is not null;

    public override int Ranges(int first, int last)
        => _received.Length == 0 && _policy.View(first) == AttentionView.Dense && _policy.View(last) == AttentionView.Dense ? (last / QueryBlock.RangeTokens) + 1 : 1;

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        int last = firstToken + rows - 1;
        if (_indexes.Length > 0)
            IndexLayer(layer, _policy.View(last).WindowStart / KvLayout.GroupTokens);
        for (int head = 0; head < _sequence.Shape.KvHeads && _received.Length > 0; head++)
            _received[_sequence.HeadIndex(layer, head)].Reserve(last + 1);
    }

    public override void Read(in QueryBlock block, AttentionView view)
    {
        int end = block.FirstPosition + block.Tokens;
        block.ReadWindow(view);
        if (_received.Length > 0)
            block.AddReceived(view.WindowStart, end, _received[_sequence.HeadIndex(block.Layer, block.Head)]);
        if (!view.Distant)
        {
            block.ReadSinks(view);
            return;
        }
        block.Scratch.ReserveSelection(_selection!, view.SinkTokens / KvLayout.GroupTokens);
        new DistantKeys(block, block.Scratch, _indexes[_sequence.HeadIndex(block.Layer, block.Head)], _selection!).Read(view);
    }

    public override void ReadRange(in QueryBlock block, int range)
    {
        int start = range * QueryBlock.RangeTokens;
        block.ReadTrue(start, Math.Min(start + QueryBlock.RangeTokens, block.FirstPosition + block.Tokens), int.MaxValue, null);
    }

    public override void OnCommitted()
    {
        int tokens = _sequence.Table.TokenCount;
        foreach (KeyIndex index in _indexes)
            index.Truncate(tokens / KvLayout.GroupTokens);
        foreach (ReceivedAttention received in _received)
            received.Truncate(tokens);
        if (_indexes.Length == 0 || tokens == 0)
            return;
        int needed = _policy.View(tokens - 1).WindowStart / KvLayout.GroupTokens;
        for (int layer = 0; layer < _sequence.Shape.Layers; layer++)
            IndexLayer(layer, needed);
    }

    public override void Dispose()
    {
        foreach (KeyIndex index in _indexes)
            index.Truncate(0);
    }

    private void IndexLayer(int layer, int groups)
    {
        PageTable table = _sequence.Table;
        for (int head = 0; head < _sequence.Shape.KvHeads; head++)
        {
            KeyIndex index = _indexes[_sequence.HeadIndex(layer, head)];
            int bytes = 2 * _sequence.Shape.HeadDim * table.Layout.ElementBytes;
            while (index.Groups < groups)
            {
                int page = index.Groups / KvLayout.GroupsPerPage;
                if (_received.Length == 0)
                    index.Append(table.Bounds(page, layer, head).Slice(index.Groups % KvLayout.GroupsPerPage * bytes, bytes));
                else
                    AppendRepresentatives(index, page, layer, head, bytes);
            }
        }
    }

    private void AppendRepresentatives(KeyIndex index, int page, int layer, int head, int boundsBytes)
    {
        ReceivedAttention received = _received[_sequence.HeadIndex(layer, head)];
        byte[] bounds = new byte[boundsBytes];
        Representatives.Write(_sequence.Table.Layout, _sequence.Table.Page(page), layer, head, page * KvLayout.PageTokens, received, bounds);
        for (int i = 0; i < KvLayout.GroupsPerPage; i++)
            index.Append(bounds);
        received.DropBefore((page + 1) * KvLayout.PageTokens);
    }
}
