using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Spherical k-means of a run of rows: the run's mean is taken off, the first centroids are evenly spaced rows, every round assigns rows to the
/// centroid of the largest inner product (the first of equal ones) and makes normalised sums of them. Sums run in the order of the rows.
/// </summary>
/// <remarks>Source: arXiv:2505.02922 (RetroInfer), segment by segment.</remarks>
internal sealed class SphericalMeans(int headDim)
{
    private const int BlockRows = 64;
    private readonly float[] _scores = new float[BlockRows * KeyTile.Tokens];
    private readonly float[] _mean = new float[headDim];
    private float[] _rows = [], _centroids = [], _best = [];
    private int[] _assigned = [];

    /// <summary>Assigns every row to one of at most <paramref name="clusters"/> clusters; some may stay empty.</summary>
    /// <param name="rows">[n, headDim].</param>
    /// <param name="clusters">1 to n.</param>
    /// <param name="rounds">Rounds of assigning and averaging before the last assignment; fewer when nothing changes any more.</param>
    /// <returns>[n], each row's cluster; valid until the next call.</returns>
    public ReadOnlySpan<int> Assign(ReadOnlySpan<float> rows, int clusters, int rounds)
    {
        int n = rows.Length / headDim;
        if (_assigned.Length < n)
            (_rows, _best, _assigned) = (new float[n * headDim], new float[n], new int[n]);
        if (_centroids.Length < clusters * headDim)
            _centroids = new float[clusters * headDim];
        Centre(rows, n);
        RowTiles tiles = new(headDim);
        for (int cluster = 0; cluster < clusters; cluster++)
        {
            Span<float> centroid = Centroid(cluster);
            _rows.AsSpan((int)((long)cluster * n / clusters) * headDim, headDim).CopyTo(centroid);
            Normalise(centroid);
            tiles.Append(centroid);
        }
        _assigned.AsSpan(0, n).Fill(int.MaxValue);
        for (int round = 0; Reassign(tiles, n) && round < rounds; round++)
        {
            _centroids.AsSpan(0, clusters * headDim).Clear();
            for (int row = 0; row < n; row++)
            {
                Span<float> centroid = Centroid(_assigned[row]);
                TensorPrimitives.Add(centroid, _rows.AsSpan(row * headDim, headDim), centroid);
            }
            for (int cluster = 0; cluster < clusters; cluster++)
            {
                if (Normalise(Centroid(cluster)))
                    tiles.Set(cluster, Centroid(cluster)); // an empty one stays where it was
            }
        }
        return _assigned.AsSpan(0, n);
    }

    private Span<float> Centroid(int cluster) => _centroids.AsSpan(cluster * headDim, headDim);

    private void Centre(ReadOnlySpan<float> rows, int n)
    {
        Array.Clear(_mean);
        for (int row = 0; row < n; row++)
            TensorPrimitives.Add(_mean, rows.Slice(row * headDim, headDim), _mean);
        TensorPrimitives.Divide(_mean, n, _mean);
        for (int row = 0; row < n; row++)
            TensorPrimitives.Subtract(rows.Slice(row * headDim, headDim), _mean, _rows.AsSpan(row * headDim, headDim));
    }

    private bool Reassign(RowTiles tiles, int n)
    {
        bool changed = false;
        Span<int> before = stackalloc int[BlockRows];
        for (int first = 0; first < n; first += BlockRows)
        {
            int rows = Math.Min(BlockRows, n - first);
            _best.AsSpan(first, rows).Fill(float.NegativeInfinity);
            Span<int> assigned = _assigned.AsSpan(first, rows);
            assigned.CopyTo(before);
            for (int tile = 0; tile < tiles.Tiles; tile++)
            {
                ScoreKernel.Score(_rows.AsSpan(first * headDim), tiles[tile], rows, headDim, _scores);
                int used = Math.Min(KeyTile.Tokens, tiles.Count - (tile * KeyTile.Tokens));
                for (int row = 0; row < rows; row++)
                {
                    Span<float> scores = _scores.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens);
                    scores[used..].Fill(float.NegativeInfinity);
                    (int index, float value) = RowKernel.Largest(scores);
                    if (value > _best[first + row])
                        (assigned[row], _best[first + row]) = ((tile * KeyTile.Tokens) + index, value);
                }
            }
            changed |= !assigned.SequenceEqual(before[..rows]);
        }
        return changed;
    }

    private static bool Normalise(Span<float> row)
    {
        float norm = TensorPrimitives.Norm<float>(row);
        if (!(norm > 0) || !float.IsFinite(norm))
            return false;
        TensorPrimitives.Divide(row, norm, row);
        return true;
    }
}
