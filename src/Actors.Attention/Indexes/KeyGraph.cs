using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// A graph over distinct keys: near keys are joined, and so are keys that one sample query wants together, so that a walk towards a query's inner
/// product arrives although queries and keys are distributed differently. Edges to keys that are reached through a nearer neighbour are left out.
/// </summary>
/// <remarks>Source: arXiv:2408.08933 (RoarGraph) for the projection of sample queries, here onto a graph that grows key by key; all its occlusion tests are by distance.</remarks>
internal sealed class KeyGraph(int headDim, KeyIndexOptions options)
{
    private readonly KeyRows _keys = new(headDim);
    private readonly EdgeLists _edges = new(options.GraphDegree);
    private readonly IndexScratch _scratch = new();
    private ulong[] _candidates = new ulong[64]; // distance and node in one sortable number
    private readonly int[] _kept = new int[options.GraphDegree], _links = new int[options.GraphDegree];
    private int[] _rejected = new int[64];

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + _edges.Bytes;

    public ReadOnlySpan<float> Key(int node) => _keys[node];

    public ReadOnlySpan<int> Edges(int node) => _edges[node];

    /// <summary>Adds a key that differs from all others, with edges to near ones and back.</summary>
    public void Add(ReadOnlySpan<float> key)
    {
        _keys.Append(key);
        _edges.AddNode();
        Connect(Count - 1);
    }

    /// <summary>Joins the keys that a sample query wants most, best first: those that surround the best one get edges to it and from it.</summary>
    public void Project(ReadOnlySpan<int> wanted)
    {
        int pivot = wanted[0];
        int candidates = 0;
        foreach (int node in wanted[1..])
            AddCandidate(pivot, node, ref candidates);
        foreach (int node in Keep(Prune(pivot, candidates, options.GraphDegree / 2, fill: true)))
        {
            Link(pivot, node);
            Link(node, pivot);
        }
    }

    /// <summary>Forgets nodes, and gives those that lost an edge new ones.</summary>
    public void Truncate(int nodes)
    {
        if (nodes >= Count)
            return;
        _keys.Truncate(nodes);
        _edges.Truncate(nodes);
        List<int> poorer = [];
        for (int node = 0; node < nodes; node++)
        {
            if (_edges.DropFrom(node, nodes))
                poorer.Add(node);
        }
        foreach (int node in poorer)
            Connect(node);
    }

    /// <summary>Walks towards a row. The nodes found are in the scratch's beam, those compared in its counter.</summary>
    /// <param name="row">[headDim].</param>
    /// <param name="queue">Nodes of the beam: how wide the walk is.</param>
    /// <param name="except">A node that is not visited, null for none.</param>
    /// <param name="scratch">The calling worker's own.</param>
    public void Walk<TMetric>(ReadOnlySpan<float> row, int queue, int? except, IndexScratch scratch)
        where TMetric : struct, IRowMetric
    {
        scratch.Visit(Count);
        BeamQueue beam = scratch.Beam;
        beam.Reset(queue);
        if (except is int node)
            scratch.TryVisit(node);
        Span<int> fresh = scratch.Integers(Math.Max(options.GraphDegree, options.GraphEntries));
        int found = 0, entries = Math.Min(options.GraphEntries, Count);
        for (int entry = 0; entry < entries; entry++)
            Meet((int)((long)entry * Count / entries), fresh, ref found, scratch);
        long scored = 0;
        do
        {
            foreach (int next in fresh[..found])
                beam.Offer(next, TMetric.Score(row, _keys[next]));
            scored += found;
            found = 0;
            if (!beam.TryExpand(out node))
                break;
            if (beam.Next is int soon)
                CacheHint.Fetch(MemoryMarshal.AsBytes(_edges[soon]));
            foreach (int next in _edges[node])
                Meet(next, fresh, ref found, scratch);
        }
        while (true);
        scratch.Scored = scored;
    }

    private void Meet(int node, Span<int> fresh, ref int found, IndexScratch scratch)
    {
        if (!scratch.TryVisit(node))
            return;
        CacheHint.Fetch(MemoryMarshal.AsBytes(_keys[node]));
        fresh[found++] = node;
    }

    private void Connect(int node)
    {
        Walk<NearnessMetric>(_keys[node], options.GraphBuildQueue, node, _scratch);
        int candidates = 0;
        for (int rank = 0; rank < _scratch.Beam.Count; rank++)
            AddCandidate(node, _scratch.Beam[rank].Node, ref candidates);
        foreach (int other in _edges[node])
            AddCandidate(node, other, ref candidates);
        ReadOnlySpan<int> kept = Keep(Prune(node, candidates, Math.Max(options.GraphDegree / 2, _edges[node].Length), fill: false));
        _edges.Set(node, kept);
        foreach (int other in kept)
            Link(other, node);
    }

    // Linking prunes lists of others, which uses the buffer that a pruned list lies in.
    private ReadOnlySpan<int> Keep(ReadOnlySpan<int> pruned)
    {
        pruned.CopyTo(_links);
        return _links.AsSpan(0, pruned.Length);
    }

    // An edge; when there is no room the list is pruned, which may drop this edge or another one.
    private void Link(int from, int to)
    {
        if (from == to || _edges[from].Contains(to) || _edges.TryAdd(from, to))
            return;
        int candidates = 0;
        foreach (int node in _edges[from])
            AddCandidate(from, node, ref candidates);
        AddCandidate(from, to, ref candidates);
        _edges.Set(from, Prune(from, candidates, _edges.Limit, fill: true));
    }

    private void AddCandidate(int node, int candidate, ref int candidates)
    {
        if (candidates == _candidates.Length)
            Array.Resize(ref _candidates, 2 * candidates);
        float distance = RowKernel.SquaredDistance(_keys[node], _keys[candidate]);
        _candidates[candidates++] = ((ulong)BitConverter.SingleToUInt32Bits(distance) << 32) | (uint)candidate; // not negative, so bits order as numbers do
    }

    // From the nearest candidate on, those that no kept one is nearer to than the node; then, if asked, the nearest of the others up to the limit.
    private ReadOnlySpan<int> Prune(int node, int candidates, int limit, bool fill)
    {
        Span<ulong> sorted = _candidates.AsSpan(0, candidates);
        sorted.Sort();
        if (_rejected.Length < candidates)
            _rejected = new int[_candidates.Length];
        int kept = 0, rejected = 0;
        for (int i = 0; i < candidates && kept < limit; i++)
        {
            int candidate = (int)(uint)sorted[i];
            if (candidate == node || (i > 0 && sorted[i] == sorted[i - 1]))
                continue;
            if (!IsOccluded(candidate, BitConverter.UInt32BitsToSingle((uint)(sorted[i] >> 32)), _kept.AsSpan(0, kept)))
                _kept[kept++] = candidate;
            else
                _rejected[rejected++] = candidate;
        }
        for (int i = 0; fill && i < rejected && kept < limit; i++)
            _kept[kept++] = _rejected[i];
        return _kept.AsSpan(0, kept);
    }

    private bool IsOccluded(int candidate, float distance, ReadOnlySpan<int> kept)
    {
        ReadOnlySpan<float> key = _keys[candidate];
        foreach (int other in kept)
        {
            if (RowKernel.SquaredDistance(key, _keys[other]) < distance)
                return true;
        }
        return false;
    }
}
