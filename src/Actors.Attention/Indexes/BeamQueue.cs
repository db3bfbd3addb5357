namespace Actors.Attention;

/// <summary>The best nodes that a walk over a graph has met, best first, and which of them were expanded. Of equal scores the first met is better.</summary>
internal sealed class BeamQueue
{
    private const int Expanded = int.MinValue;
    private int[] _nodes = [];
    private float[] _scores = [];
    private int _limit, _next;

    public int Count { get; private set; }

    /// <summary>A score must be above this to enter.</summary>
    public float Floor { get; private set; }

    /// <summary>Node and score by rank, the best first.</summary>
    public (int Node, float Score) this[int rank] => (_nodes[rank] & ~Expanded, _scores[rank]);

    public void Reset(int limit)
    {
        if (_nodes.Length < limit)
            (_nodes, _scores) = (new int[limit], new float[limit]);
        _limit = limit;
        Count = _next = 0;
        Floor = float.NegativeInfinity;
    }

    public void Offer(int node, float score)
    {
        if (score <= Floor)
            return;
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_scores[middle] >= score)
                low = middle + 1;
            else
                high = middle;
        }
        int moved = Math.Min(Count, _limit - 1) - low;
        _nodes.AsSpan(low, moved).CopyTo(_nodes.AsSpan(low + 1));
        _scores.AsSpan(low, moved).CopyTo(_scores.AsSpan(low + 1));
        (_nodes[low], _scores[low]) = (node, score);
        Count = Math.Min(Count + 1, _limit);
        if (Count == _limit)
            Floor = _scores[Count - 1];
        _next = Math.Min(_next, low);
    }

    /// <summary>The best node that was not expanded yet, which it is from now on.</summary>
    public bool TryExpand(out int node)
    {
        while (_next < Count && _nodes[_next] < 0)
            _next++;
        node = _next < Count ? _nodes[_next] : 0;
        if (_next == Count)
            return false;
        _nodes[_next++] |= Expanded;
        return true;
    }

    /// <summary>The node that <see cref="TryExpand"/> gives next unless a better one is met before; null when there is none.</summary>
    public int? Next
    {
        get
        {
            int next = _next;
            while (next < Count && _nodes[next] < 0)
                next++;
            return next < Count ? _nodes[next] : null;
        }
    }
}
