using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Keeps clusters in the space in which keys are read, and reads the three zones.</summary>
internal sealed class ClustersReader : MemoryReader
{
    private readonly ClustersOptions _options;
    private readonly StoredKeys _stored;
    private readonly ClusterMemory[] _roped, _unroped; // [layers, kvHeads]

    /// <summary>Binds the policy to a sequence.</summary>
    public ClustersReader(IAttentionPolicy policy, ClustersOptions options, SequenceContext sequence)
        : base(policy, sequence)
    {
        _options = options;
        _stored = new(sequence);
        _roped = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new ClusterMemory(sequence, options, roped: true))];
        _unroped = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new ClusterMemory(sequence, options, roped: false))];
    }

    public override long Bytes => _roped.Sum(memory => memory.Bytes) + _unroped.Sum(memory => memory.Bytes);

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        Extend(layer, Policy.View(firstToken)); // a chunk may begin at true positions and end beyond the trained window
        Extend(layer, Policy.View(firstToken + rows - 1));
    }

    public override void OnCommitted()
    {
        AttentionView next = NextView;
        for (int i = 0; i < Sequence.Heads; i++)
        {
            _roped[i].Truncate(next.Sinks == SinkPlacement.Constant ? 0 : Sequence.Table.TokenCount);
            _unroped[i].Truncate(Sequence.Table.TokenCount);
        }
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
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        bool far = view.Sinks == SinkPlacement.Constant;
        ClusterMemory memory = (far ? _unroped : _roped)[Sequence.HeadIndex(block.Layer, block.Head)];
        KeyClusters clusters = memory.Clusters;
        int segments = (view.WindowStart - view.SinkTokens) / _options.SegmentTokens, count = clusters.CountIn(segments); // an index may be ahead of the first rows of a chunk
        block.Rotate(view);
        ReadTail(block, view, view.SinkTokens + (segments * _options.SegmentTokens));
        if (count == 0)
            return;
        int retrieved = (int)Math.Clamp(Math.Ceiling(_options.Retrieved * (double)count), Clusters(_options.LeastTokens), Clusters(_options.MostTokens));
        int estimated = (int)Math.Ceiling((far ? _options.EstimatedFar : _options.Estimated) * (double)count);
        int together = _options.Heads == HeadChoice.Each ? 1 : block.GroupSize;
        ClusterZones zones = block.Scratch.Zones;
        for (int row = 0; row < block.Rows; row += together)
        {
            zones.Choose(clusters, count, block, row, together, _options.Heads, retrieved, estimated);
            block.ReadTokens(zones.Tokens(clusters, view.SinkTokens), view, row, together);
            zones.ReadEstimated(memory, block, row, together);
        }
    }

    private int Clusters(int tokens) => (tokens + _options.ClusterTokens - 1) / _options.ClusterTokens;

    // Keys that lie in no cluster yet.
    private void ReadTail(in QueryBlock block, AttentionView view, int start)
    {
        int first = start / KvLayout.GroupTokens, end = view.WindowStart / KvLayout.GroupTokens;
        block.ReadGroups(block.Scratch.Scan.All(first, end), view, 0, block.Rows);
    }

    private void Extend(int layer, AttentionView view)
    {
        if (!view.Distant)
            return;
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
            (view.Sinks == SinkPlacement.True ? _roped : _unroped)[Sequence.HeadIndex(layer, head)].Extend(layer, head, view.WindowStart, _stored);
    }
}
