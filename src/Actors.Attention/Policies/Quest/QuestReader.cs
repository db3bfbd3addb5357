using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Keeps the bounds of pages in the space in which they are read, and reads the best pages.</summary>
internal sealed class QuestReader : MemoryReader
{
    private readonly QuestOptions _options;
    private readonly StoredKeys _stored;
    private readonly GroupBounds[] _roped, _unroped; // [layers, kvHeads]
    private readonly KeyIndex[] _trees;              // [layers, kvHeads] when a tree is searched, else empty

    /// <summary>Binds the policy to a sequence.</summary>
    public QuestReader(IAttentionPolicy policy, QuestOptions options, SequenceContext sequence)
        : base(policy, sequence)
    {
        _options = options;
        _stored = new(sequence);
        _roped = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new GroupBounds(sequence, roped: true))];
        _unroped = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new GroupBounds(sequence, roped: false))];
        _trees = options.Scan == QuestScan.Flat ? [] : [.. _roped.Select(_ => new KeyIndex(sequence.Table.Layout.Format, sequence.Shape.HeadDim))];
    }

    public override long Bytes => _roped.Sum(bounds => bounds.Bytes) + _unroped.Sum(bounds => bounds.Bytes) + _trees.Sum(tree => tree.Bytes);

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        Extend(layer, Policy.View(firstToken)); // a chunk may begin at true positions and end beyond the trained window
        Extend(layer, Policy.View(firstToken + rows - 1));
    }

    public override void OnCommitted()
    {
        int groups = Sequence.Table.TokenCount / KvLayout.GroupTokens;
        AttentionView next = NextView;
        for (int i = 0; i < Sequence.Heads; i++)
        {
            _roped[i].Truncate(next.Sinks == SinkPlacement.Constant ? 0 : groups);
            _unroped[i].Truncate(groups);
        }
        foreach (KeyIndex tree in _trees)
            tree.Truncate(groups);
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Extend(layer, next);
    }

    public override void Dispose()
    {
        for (int i = 0; i < Sequence.Heads; i++)
        {
            _roped[i].Truncate(0);
            _unroped[i].Truncate(0);
        }
        foreach (KeyIndex tree in _trees)
            tree.Truncate(0);
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        if (Dense(block.Layer, view))
        {
            for (int from = view.SinkTokens, to; from < view.WindowStart; from = to)
            {
                to = Math.Min(view.WindowStart, (from / QueryBlock.RangeTokens * QueryBlock.RangeTokens) + QueryBlock.RangeTokens);
                block.ReadTrue(from, to, int.MaxValue, null);
            }
            return;
        }
        block.Rotate(view);
        int first = view.SinkTokens / KvLayout.GroupTokens, end = view.WindowStart / KvLayout.GroupTokens;
        int together = _options.Heads == HeadChoice.Each ? 1 : block.GroupSize;
        for (int row = 0; row < block.Rows; row += together)
            block.ReadGroups(Choose(block, view, row, together, first, end), view, row, together);
    }

    private ReadOnlySpan<int> Choose(in QueryBlock block, AttentionView view, int row, int rows, int first, int end)
    {
        int count = _options.BudgetTokens / KvLayout.GroupTokens, head = Sequence.HeadIndex(block.Layer, block.Head);
        AttentionScratch scratch = block.Scratch;
        if (count >= end - first)
            return scratch.Scan.All(first, end);
        if (_trees.Length == 0 || view.Sinks != SinkPlacement.Constant)
        {
            GroupBounds bounds = view.Sinks == SinkPlacement.Constant ? _unroped[head] : _roped[head];
            return scratch.Scan.Choose(bounds, block, row, rows, _options.Heads == HeadChoice.Sum, first, end, count);
        }
        for (int i = 0; i < rows; i++)
        {
            scratch.Units[i] = BoundsKernel.Round(block.Rotated(row + i), _trees[head].Steps, scratch.RoundedQueries.AsSpan(i * 2 * block.HeadDim));
            scratch.SearchOffsets[i] = block.Lse[row + i];
        }
        scratch.Search.Run(_trees[head], block.HeadDim, scratch.RoundedQueries, scratch.Units, scratch.SearchOffsets.AsSpan(0, rows), first, end, count, _options.OpenedNodes);
        scratch.Counts.Scored += scratch.Search.Scored;
        return scratch.Search.Groups;
    }

    private bool Dense(int layer, AttentionView view) => layer < _options.DenseLayers && view.Sinks == SinkPlacement.True;

    private void Extend(int layer, AttentionView view)
    {
        int end = view.WindowStart / KvLayout.GroupTokens;
        if (!view.Distant || Dense(layer, view))
            return;
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
        {
            int i = Sequence.HeadIndex(layer, head);
            if (view.Sinks == SinkPlacement.True)
                _roped[i].Extend(layer, head, end, _stored);
            else if (_trees.Length == 0)
                _unroped[i].Extend(layer, head, end, _stored);
            else
                ExtendTree(layer, head, _trees[i], end);
        }
    }

    private void ExtendTree(int layer, int head, KeyIndex tree, int end)
    {
        int bytes = 2 * Sequence.Shape.HeadDim * Sequence.Table.Layout.ElementBytes;
        while (tree.Groups < end)
            tree.Append(Sequence.Table.Bounds(tree.Groups / KvLayout.GroupsPerPage, layer, head).Slice(tree.Groups % KvLayout.GroupsPerPage * bytes, bytes));
    }
}
