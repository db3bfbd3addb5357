namespace Actors.Attention;

/// <summary>Outgoing edges of nodes 0, 1, ..., at most a fixed number each, in chunks that never move.</summary>
internal sealed class EdgeLists(int limit)
{
    private const int ChunkNodes = 1024;
    private readonly List<int[]> _chunks = []; // [1024, 1 + limit]: how many, then the edges
    private int _nodes;

    public int Limit => limit;

    public long Bytes => (long)_chunks.Count * ChunkNodes * (limit + 1) * sizeof(int);

    public ReadOnlySpan<int> this[int node]
    {
        get
        {
            int[] chunk = _chunks[node / ChunkNodes];
            int start = node % ChunkNodes * (limit + 1);
            return chunk.AsSpan(start + 1, chunk[start]);
        }
    }

    public void AddNode()
    {
        if (_nodes++ % ChunkNodes == 0)
            _chunks.Add(new int[ChunkNodes * (limit + 1)]);
        Set(_nodes - 1, []);
    }

    public void Set(int node, ReadOnlySpan<int> edges)
    {
        Span<int> list = _chunks[node / ChunkNodes].AsSpan(node % ChunkNodes * (limit + 1), limit + 1);
        list[0] = edges.Length;
        edges.CopyTo(list[1..]);
    }

    /// <summary>Adds an edge; false when the node has as many as it may have.</summary>
    public bool TryAdd(int node, int target)
    {
        Span<int> list = _chunks[node / ChunkNodes].AsSpan(node % ChunkNodes * (limit + 1), limit + 1);
        if (list[0] == limit)
            return false;
        list[++list[0]] = target;
        return true;
    }

    /// <summary>Drops edges to nodes from <paramref name="nodes"/> on; true when there were some.</summary>
    public bool DropFrom(int node, int nodes)
    {
        Span<int> list = _chunks[node / ChunkNodes].AsSpan(node % ChunkNodes * (limit + 1), limit + 1);
        int kept = 0, before = list[0];
        for (int i = 1; i <= before; i++)
        {
            if (list[i] < nodes)
                list[++kept] = list[i];
        }
        list[0] = kept;
        return kept < before;
    }

    public void Truncate(int nodes)
    {
        _nodes = Math.Min(nodes, _nodes);
        int chunks = (_nodes + ChunkNodes - 1) / ChunkNodes;
        _chunks.RemoveRange(chunks, _chunks.Count - chunks);
    }
}
