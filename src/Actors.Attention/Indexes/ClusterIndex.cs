using System.Numerics.Tensors;
using System.Runtime.InteropServices;
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
    private readonly RowTiles _tiles = new(headDim);
    private readonly KeyRows _centroids = new(headDim);
    private readonly List<int> _members = [];         // ids, cluster by cluster
    private readonly List<int> _starts = [0];         // [clusters + 1], where a cluster's members begin
    private readonly List<int> _clusterOf = [];       // [clustered]
    private readonly List<int> _segmentStarts = [0];  // [segments + 1], first cluster of each
    private readonly SphericalMeans _means = new(headDim);

    public string Kind => "clusters";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + _tiles.Bytes + _centroids.Bytes + ((_members.Capacity + _starts.Capacity + _clusterOf.Capacity + _segmentStarts.Capacity) * (long)sizeof(int));

    /// <summary>Elements per key.</summary>
    public int HeadDim => headDim;

    /// <summary>Clusters, none of them empty. Numbers grow with the segments: a cluster keeps its number while its segment stays.</summary>
    public int Clusters => _starts.Count - 1;

    /// <summary>Keys [0, Clustered) lie in clusters, [Clustered, Count) in none yet.</summary>
    public int Clustered => _members.Count;

    /// <summary>Part of the clusters that <see cref="Search"/> opens.</summary>
    internal float OpenedShare { get; set; } = options.OpenedShare;

    /// <summary>Mean of a cluster's keys. Valid until the index changes, as all spans are.</summary>
    public ReadOnlySpan<float> Centroid(int cluster) => _centroids[cluster];

    /// <summary>Keys of a cluster.</summary>
    public int Size(int cluster) => _starts[cluster + 1] - _starts[cluster];

    /// <summary>Ids of a cluster's keys, ascending.</summary>
    public ReadOnlySpan<int> Members(int cluster) => CollectionsMarshal.AsSpan(_members)[_starts[cluster].._starts[cluster + 1]];

    /// <summary>Cluster of a key below <see cref="Clustered"/>.</summary>
    public int ClusterOf(int id) => _clusterOf[id];

    public ReadOnlySpan<float> Key(int id) => _keys[id];

    /// <summary>Floats that <see cref="ScoreCentroids"/> writes: the clusters, rounded up to 64.</summary>
    public int CentroidScores => _tiles.Tiles * KeyTile.Tokens;

    /// <summary>Inner products of a query with every centroid, in the order of the clusters; what stands behind them means nothing.</summary>
    public void ScoreCentroids(ReadOnlySpan<float> query, Span<float> scores) => _tiles.Score(query, scores);

    public void Append(ReadOnlySpan<float> keys)
    {
        _keys.Append(keys);
        while (_keys.Count - Clustered >= options.SegmentTokens)
            ClusterSegment();
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        _keys.Truncate(count);
        int segments = Math.Min(count, Clustered) / options.SegmentTokens, clustered = segments * options.SegmentTokens, clusters = _segmentStarts[segments];
        _segmentStarts.RemoveRange(segments + 1, _segmentStarts.Count - segments - 1);
        _starts.RemoveRange(clusters + 1, _starts.Count - clusters - 1);
        _members.RemoveRange(clustered, _members.Count - clustered);
        _clusterOf.RemoveRange(clustered, _clusterOf.Count - clustered);
        _centroids.Truncate(clusters);
        _tiles.Truncate(clusters);
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        scratch.Best.Reset(count);
        scratch.Scored = 0;
        if (count == 0)
            return 0;
        for (int id = Clustered; id < Count; id++)
            scratch.Best.Offer(id, _keys.Score(query, id));
        Span<float> centroidScores = scratch.Floats(CentroidScores);
        ScoreCentroids(query, centroidScores);
        Span<int> opened = scratch.Integers(Clusters);
        int chosen = 0, found = 0;
        for (int wanted = (int)Math.Ceiling(OpenedShare * (double)Clusters); chosen < Clusters; wanted *= 2)
        {
            chosen = TopK.Select(centroidScores[..Clusters], wanted, opened);
            found = 0;
            foreach (int cluster in opened[..chosen])
                found += Size(cluster);
            if (found + Count - Clustered >= count)
                break;
        }
        foreach (int cluster in opened[..chosen])
        {
            foreach (int id in Members(cluster))
                scratch.Best.Offer(id, _keys.Score(query, id));
        }
        scratch.Scored = Clusters + found + Count - Clustered;
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => Truncate(0);

    private void ClusterSegment()
    {
        int first = Clustered, n = options.SegmentTokens;
        float[] rows = new float[n * headDim];
        for (int i = 0; i < n; i++)
            _keys[first + i].CopyTo(rows.AsSpan(i * headDim));
        ReadOnlySpan<int> assigned = _means.Assign(rows, Math.Max(n / options.ClusterTokens, 1), options.ClusterRounds);
        int[] order = [.. Enumerable.Range(0, n)];
        Array.Sort(assigned.ToArray(), order); // keys of the sort are the clusters; ids are put in order below
        float[] centroid = new float[headDim];
        for (int start = 0, end; start < n; start = end)
        {
            int cluster = assigned[order[start]];
            for (end = start + 1; end < n && assigned[order[end]] == cluster;)
                end++;
            Array.Sort(order, start, end - start);
            Array.Clear(centroid);
            foreach (int member in order.AsSpan(start, end - start))
            {
                TensorPrimitives.Add(centroid, rows.AsSpan(member * headDim, headDim), centroid);
                _members.Add(first + member);
            }
            TensorPrimitives.Divide(centroid, end - start, centroid);
            _starts.Add(_members.Count);
            _centroids.Append(centroid);
            _tiles.Append(centroid);
        }
        _segmentStarts.Add(Clusters);
        Span<int> clusterOf = new int[n];
        for (int cluster = _segmentStarts[^2]; cluster < Clusters; cluster++)
        {
            foreach (int id in Members(cluster))
                clusterOf[id - first] = cluster;
        }
        _clusterOf.AddRange(clusterOf);
    }
}
