using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Clusters of the keys of one (layer, KV head), made segment by segment and never changed afterwards: a segment's clusters depend on its own keys alone.
/// It keeps centroids and who belongs to them, not the keys. One writer; readers only between its calls.
/// </summary>
/// <remarks>Source: arXiv:2505.02922 (RetroInfer). Its first segments are longer than those of generated tokens; here all are equal.</remarks>
/// <param name="headDim">Elements per key.</param>
/// <param name="segmentTokens">Keys of a segment.</param>
/// <param name="clusterTokens">Keys of a cluster on average.</param>
/// <param name="rounds">Rounds of k-means.</param>
/// <param name="spread">Whether scores take the spread of a cluster's keys into account.</param>
internal sealed class KeyClusters(int headDim, int segmentTokens, int clusterTokens, int rounds, bool spread = false)
{
    private readonly RowTiles _tiles = new(spread ? 2 * headDim : headDim); // [centroid, variance of each channel]
    private readonly List<int> _members = [];         // ids, cluster by cluster
    private readonly List<int> _starts = [0];         // [clusters + 1], where a cluster's members begin
    private readonly List<int> _segmentStarts = [0];  // [segments + 1], first cluster of each
    private readonly SphericalMeans _means = new(headDim);

    public int SegmentTokens => segmentTokens;

    /// <summary>Clusters, none of them empty. Numbers grow with the segments: a cluster keeps its number while its segment stays.</summary>
    public int Count => _starts.Count - 1;

    /// <summary>Keys [0, Clustered) lie in clusters.</summary>
    public int Clustered => _members.Count;

    public long Bytes => _tiles.Bytes + ((_members.Capacity + _starts.Capacity + _segmentStarts.Capacity) * (long)sizeof(int));

    /// <summary>Copies the mean of a cluster's keys out.</summary>
    public void CopyCentroid(int cluster, Span<float> centroid) => _tiles.Read(cluster, centroid[..headDim]);

    /// <summary>Keys of a cluster.</summary>
    public int Size(int cluster) => _starts[cluster + 1] - _starts[cluster];

    /// <summary>Ids of a cluster's keys, ascending. Valid until something changes.</summary>
    public ReadOnlySpan<int> Members(int cluster) => CollectionsMarshal.AsSpan(_members)[_starts[cluster].._starts[cluster + 1]];

    /// <summary>Clusters of the first segments.</summary>
    public int CountIn(int segments) => _segmentStarts[segments];

    /// <summary>64 clusters each as <see cref="ScoreKernel"/> takes them, [<see cref="QueryElements"/>, 64].</summary>
    public RowTiles Tiles => _tiles;

    /// <summary>Floats that <see cref="Score"/> writes: the clusters, rounded up to 64.</summary>
    public int Scores => _tiles.Tiles * KeyTile.Tokens;

    /// <summary>Elements of a query as <see cref="Score"/> takes it.</summary>
    public int QueryElements => spread ? 2 * headDim : headDim;

    /// <summary>
    /// Makes a query for <see cref="Score"/>. With the spread, the product is <c>q c + sum_i q_i^2 var_i / 2</c>: the logarithm of the mean of
    /// <c>exp(q k)</c> over a cluster of normally distributed keys, so that a wide cluster, which may hold a key that matters, ranks before a narrow one.
    /// </summary>
    public void Expand(ReadOnlySpan<float> query, Span<float> expanded)
    {
        query.CopyTo(expanded);
        if (!spread)
            return;
        TensorPrimitives.Multiply(query, query, expanded[headDim..]);
        TensorPrimitives.Multiply(expanded[headDim..QueryElements], 0.5f, expanded[headDim..]);
    }

    /// <summary>Scores every cluster, in their order; what stands behind them means nothing.</summary>
    /// <param name="query">Of <see cref="Expand"/>; without the spread the query itself, for inner products with the centroids.</param>
    /// <param name="scores">Written, <see cref="Scores"/> long.</param>
    public void Score(ReadOnlySpan<float> query, Span<float> scores) => _tiles.Score(query, scores);

    /// <summary>Clusters the next segment.</summary>
    /// <param name="keys">[segmentTokens, headDim], ids from <see cref="Clustered"/> on.</param>
    public void Append(ReadOnlySpan<float> keys)
    {
        int first = Clustered;
        ReadOnlySpan<int> assigned = _means.Assign(keys, Math.Max(segmentTokens / clusterTokens, 1), rounds);
        int[] order = [.. Enumerable.Range(0, segmentTokens)];
        Array.Sort(assigned.ToArray(), order); // keys of the sort are the clusters; ids are put in order below
        float[] row = new float[QueryElements];
        Span<float> centroid = row.AsSpan(0, headDim);
        for (int start = 0, end; start < segmentTokens; start = end)
        {
            int cluster = assigned[order[start]];
            for (end = start + 1; end < segmentTokens && assigned[order[end]] == cluster;)
                end++;
            Array.Sort(order, start, end - start);
            centroid.Clear();
            foreach (int member in order.AsSpan(start, end - start))
            {
                TensorPrimitives.Add(centroid, keys.Slice(member * headDim, headDim), centroid);
                _members.Add(first + member);
            }
            TensorPrimitives.Divide(centroid, end - start, centroid);
            _starts.Add(_members.Count);
            if (spread)
                Variance(keys, order.AsSpan(start, end - start), centroid, row.AsSpan(headDim));
            _tiles.Append(row);
        }
        _segmentStarts.Add(Count);
    }

    /// <summary>Forgets the segments that are not whole within so many keys.</summary>
    public void Truncate(int keys)
    {
        int segments = Math.Min(keys, Clustered) / segmentTokens, clustered = segments * segmentTokens, clusters = _segmentStarts[segments];
        _segmentStarts.RemoveRange(segments + 1, _segmentStarts.Count - segments - 1);
        _starts.RemoveRange(clusters + 1, _starts.Count - clusters - 1);
        _members.RemoveRange(clustered, _members.Count - clustered);
        _tiles.Truncate(clusters);
    }

    private void Variance(ReadOnlySpan<float> keys, ReadOnlySpan<int> members, ReadOnlySpan<float> centroid, Span<float> variance)
    {
        Span<float> difference = stackalloc float[headDim];
        variance.Clear();
        foreach (int member in members)
        {
            TensorPrimitives.Subtract(keys.Slice(member * headDim, headDim), centroid, difference);
            TensorPrimitives.MultiplyAdd(difference, difference, variance, variance);
        }
        TensorPrimitives.Divide(variance, members.Length, variance);
    }
}
