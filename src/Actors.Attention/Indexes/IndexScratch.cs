namespace Actors.Attention;

/// <summary>Working memory of one worker that searches key indexes. It grows to the largest search and then allocates nothing; not safe for concurrent use.</summary>
public sealed class IndexScratch
{
    /// <summary>Keys, centroids or nodes that the last search compared with its query.</summary>
    public long Scored { get; set; }

    internal BestKeys Best { get; } = new();

    internal BeamQueue Beam { get; } = new();

    internal DciScratch Dci { get; } = new();

    internal GroupSearch Groups { get; } = new();

    private float[] _floats = [];
    private int[] _integers = [];

    internal Span<float> Floats(int length)
    {
        if (_floats.Length < length)
            _floats = new float[length + (length / 4)];
        return _floats.AsSpan(0, length);
    }

    internal Span<int> Integers(int length)
    {
        if (_integers.Length < length)
            _integers = new int[length + (length / 4)];
        return _integers.AsSpan(0, length);
    }

    private long[] _longs = [];

    internal Span<long> Longs(int length)
    {
        if (_longs.Length < length)
            _longs = new long[length + (length / 4)];
        return _longs.AsSpan(0, length);
    }

    private byte[] _visited = []; // by node, the walk that visited it last; a byte, so that the whole stays in the cache
    private byte _visit;

    /// <summary>Begins a walk over so many nodes, none of them visited.</summary>
    internal void Visit(int nodes)
    {
        if (_visited.Length < nodes)
            (_visited, _visit) = (new byte[nodes + (nodes / 4)], 0);
        if (++_visit == 0)
        {
            Array.Clear(_visited);
            _visit = 1;
        }
    }

    internal bool TryVisit(int node)
    {
        ref byte visited = ref _visited[node];
        if (visited == _visit)
            return false;
        visited = _visit;
        return true;
    }
}
