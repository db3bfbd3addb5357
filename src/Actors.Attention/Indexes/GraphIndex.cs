using System.Runtime.InteropServices;

namespace Actors.Attention;

/// <summary>
/// A graph over the distinct keys, with the ids of each: the un-roped keys of a first layer are as many as there are tokens in the vocabulary, and
/// equal keys would crowd each other out of the edge lists. Keys join one by one as they come; <see cref="Learn"/> adds the edges that sample
/// queries need, among the keys that are there.
/// </summary>
/// <remarks>
/// After <see cref="Truncate"/> the nodes that lost edges are connected anew: answers stay good, but are not those of an index that never saw what was forgotten.
/// </remarks>
internal sealed class GraphIndex(int headDim, KeyIndexOptions options) : IKeyIndex
{
    private const int LearnedAtOnce = 2048;
    private readonly KeyGraph _graph = new(headDim, options);
    private readonly KeyRows _checks = new(headDim);             // stays empty
    private readonly Dictionary<int, int> _nodeOfHash = [];      // the newest node with that hash
    private readonly List<int> _olderOfHash = [];                // [nodes], the node before it with the same hash, or -1
    private readonly List<int> _hashes = [];                     // [nodes]
    private readonly List<int> _nodes = [];                      // [count], node of each id
    private readonly List<int> _firstIds = [], _lastIds = [];    // [nodes]
    private readonly List<int> _nextIds = [];                    // [count], next id of the same node, or -1

    public string Kind => "graph";

    public int Count => _nodes.Count;

    public long Bytes => _graph.Bytes + (sizeof(int) * ((5L * _olderOfHash.Capacity) + (2L * _nodes.Capacity) + (6L * _nodeOfHash.Capacity)));

    /// <summary>Distinct keys.</summary>
    internal int Nodes => _graph.Count;

    /// <summary>Nodes of the beam of a search.</summary>
    internal int Queue { get; set; } = options.GraphQueue;

    public void Append(ReadOnlySpan<float> keys)
    {
        int added = _checks.CheckRows(keys, nameof(keys));
        for (int i = 0; i < added; i++)
            Add(keys.Slice(i * headDim, headDim));
    }

    public void Learn(ReadOnlySpan<float> queries)
    {
        int n = _checks.CheckRows(queries, nameof(queries));
        if (_graph.Count < 2)
            return;
        int[] wanted = new int[options.GraphNeighbours];
        float[] scores = new float[wanted.Length];
        for (int first = 0; first < n; first += LearnedAtOnce)
        {
            ReadOnlySpan<float> block = queries[(first * headDim)..(Math.Min(first + LearnedAtOnce, n) * headDim)];
            foreach (BestKeys best in NearestKeys.Find(block, headDim, _graph.Count, _graph.Key, wanted.Length))
                _graph.Project(wanted.AsSpan(0, best.Take(wanted, scores)));
        }
    }

    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count >= Count)
            return;
        _nodes.RemoveRange(count, Count - count);
        _nextIds.RemoveRange(count, _nextIds.Count - count);
        int kept = _graph.Count;
        for (; kept > 0 && _firstIds[kept - 1] >= count; kept--)
        {
            if (_olderOfHash[kept - 1] < 0)
                _nodeOfHash.Remove(_hashes[kept - 1]);
            else
                _nodeOfHash[_hashes[kept - 1]] = _olderOfHash[kept - 1];
        }
        _graph.Truncate(kept);
        foreach (List<int> list in (List<int>[])[_olderOfHash, _hashes, _firstIds, _lastIds])
            list.RemoveRange(kept, list.Count - kept);
        for (int id = 0; id < count; id++)
        {
            _lastIds[_nodes[id]] = id;
            if (_nextIds[id] >= count)
                _nextIds[id] = -1;
        }
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _checks.CheckSearch(query, count, Count, ids, scores);
        scratch.Scored = 0;
        if (count == 0)
            return 0;
        _graph.Walk<ProductMetric>(query, Math.Max(Queue, count), null, scratch);
        scratch.Best.Reset(count);
        for (int rank = 0; rank < scratch.Beam.Count; rank++)
        {
            (int node, float score) = scratch.Beam[rank];
            if (score < scratch.Best.Floor)
                break;
            int left = count;
            for (int id = _firstIds[node]; id >= 0 && left > 0; id = _nextIds[id], left--)
                scratch.Best.Offer(id, score);
        }
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => Truncate(0);

    private void Add(ReadOnlySpan<float> key)
    {
        int id = Count;
        HashCode code = default;
        code.AddBytes(MemoryMarshal.AsBytes(key));
        int hash = code.ToHashCode(), newest = _nodeOfHash.GetValueOrDefault(hash, -1), node = newest;
        while (node >= 0 && !_graph.Key(node).SequenceEqual(key))
            node = _olderOfHash[node];
        _nextIds.Add(-1);
        if (node >= 0)
        {
            _nodes.Add(node);
            _nextIds[_lastIds[node]] = id;
            _lastIds[node] = id;
            return;
        }
        _nodes.Add(_graph.Count);
        _nodeOfHash[hash] = _graph.Count;
        _olderOfHash.Add(newest);
        _hashes.Add(hash);
        _firstIds.Add(id);
        _lastIds.Add(id);
        _graph.Add(key);
    }
}
