using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Keys in clusters of about <see cref="KeyIndexOptions.ClusterTokens"/>, made once for every <see cref="KeyIndexOptions.SegmentTokens"/> keys and
/// never changed afterwards; the keys after the last whole segment lie in no cluster yet and are compared one by one. A segment's clusters depend on
/// its own keys alone, so neither the sizes of the pieces that keys arrive in nor what was forgotten leave a trace.
/// </summary>
/// <remarks>Source: arXiv:2505.02922 (RetroInfer). Its first segments are longer than those of generated tokens; here all are equal.</remarks>
internal sealed class ClusterIndex(int headDim, KeyIndexOptions options) : IKeyIndex
{
    private readonly KeyRows _keys = new(headDim);
    private readonly KeyClusters _clusters = new(headDim, options.SegmentTokens, options.ClusterTokens, options.ClusterRounds);

    public string Kind => "clusters";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + _clusters.Bytes;

    /// <summary>The clusters; the keys behind the last whole segment lie in none yet.</summary>
    public KeyClusters Clusters => _clusters;

    /// <summary>Part of the clusters that <see cref="Search"/> opens.</summary>
    internal float OpenedShare { get; set; } = options.OpenedShare;

    public ReadOnlySpan<float> Key(int id) => _keys[id];

    public void Append(ReadOnlySpan<float> keys)
    {
        _keys.Append(keys);
        float[] segment = [];
        while (_keys.Count - _clusters.Clustered >= options.SegmentTokens)
        {
            if (segment.Length == 0)
                segment = new float[options.SegmentTokens * headDim];
            for (int i = 0; i < options.SegmentTokens; i++)
                _keys[_clusters.Clustered + i].CopyTo(segment.AsSpan(i * headDim));
            _clusters.Append(segment);
        }
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        _keys.Truncate(count);
        _clusters.Truncate(count);
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        scratch.Best.Reset(count);
        scratch.Scored = 0;
        if (count == 0)
            return 0;
        for (int id = _clusters.Clustered; id < Count; id++)
            scratch.Best.Offer(id, _keys.Score(query, id));
        Span<float> centroidScores = scratch.Floats(_clusters.Scores);
        _clusters.Score(query, centroidScores);
        Span<int> opened = scratch.Integers(_clusters.Count);
        int chosen = 0, found = 0;
        for (int wanted = (int)Math.Ceiling(OpenedShare * (double)_clusters.Count); chosen < _clusters.Count; wanted *= 2)
        {
            chosen = TopK.Select(centroidScores[.._clusters.Count], wanted, opened);
            found = 0;
            foreach (int cluster in opened[..chosen])
                found += _clusters.Size(cluster);
            if (found + Count - _clusters.Clustered >= count)
                break;
        }
        foreach (int cluster in opened[..chosen])
        {
            foreach (int id in _clusters.Members(cluster))
                scratch.Best.Offer(id, _keys.Score(query, id));
        }
        scratch.Scored = _clusters.Count + found + Count - _clusters.Clustered;
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => Truncate(0);
}
