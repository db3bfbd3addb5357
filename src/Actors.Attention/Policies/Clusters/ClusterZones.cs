using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Chooses the clusters that rows read exactly and those that are estimated. Working memory of one worker.</summary>
internal sealed class ClusterZones
{
    private float[] _queries = [], _tile = [], _scores = [], _ranks = [], _keys = [], _values = [], _logWeights = [];
    private int[] _retrieved = [], _both = [], _tokens = [];
    private int _retrievedCount, _bothCount;

    /// <summary>Ranks the clusters for rows that choose together.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="count">How many of them the rows see.</param>
    /// <param name="block">The queries, rotated for the space of the centroids.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="heads">How the rows agree.</param>
    /// <param name="retrieved">Clusters to read exactly.</param>
    /// <param name="estimated">Clusters to estimate.</param>
    public void Choose(KeyClusters clusters, int count, in QueryBlock block, int firstRow, int rows, HeadChoice heads, int retrieved, int estimated)
    {
        Grow(ref _ranks, clusters.Scores);
        Grow(ref _retrieved, count);
        Grow(ref _both, count);
        Span<float> ranks = _ranks.AsSpan(0, count);
        if (retrieved < count)
            Rank(clusters, count, block, firstRow, rows, heads);
        _retrievedCount = TopK.Select(ranks, retrieved, _retrieved);
        _bothCount = estimated == 0 ? _retrievedCount : TopK.Select(ranks, retrieved + estimated, _both); // holds the retrieved ones, since ties go to the first in both
    }

    // Every tile is read once for all rows.
    private void Rank(KeyClusters clusters, int count, in QueryBlock block, int firstRow, int rows, HeadChoice heads)
    {
        int elements = clusters.QueryElements;
        Grow(ref _queries, rows * elements);
        Grow(ref _tile, rows * KeyTile.Tokens);
        Grow(ref _scores, heads == HeadChoice.Sum ? rows * clusters.Scores : 0);
        for (int row = 0; row < rows; row++)
            clusters.Expand(block.Rotated(firstRow + row), _queries.AsSpan(row * elements, elements));
        for (int start = 0; start < count; start += KeyTile.Tokens)
        {
            ScoreKernel.Score(_queries, clusters.Tiles[start / KeyTile.Tokens], rows, elements, _tile);
            if (heads != HeadChoice.Sum)
                block.Combine(_tile, firstRow, rows, false, _ranks.AsSpan(start, KeyTile.Tokens));
            for (int row = 0; row < rows && heads == HeadChoice.Sum; row++)
                _tile.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens).CopyTo(_scores.AsSpan((row * clusters.Scores) + start));
        }
        block.Scratch.Counts.Scored += count;
        if (heads != HeadChoice.Sum)
            return;
        Span<float> ranks = _ranks.AsSpan(0, count);
        ranks.Clear();
        for (int row = 0; row < rows; row++)
        {
            Span<float> scores = _scores.AsSpan(row * clusters.Scores, count);
            TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores); // SoftMax takes exponentials as they are
            TensorPrimitives.SoftMax(scores, scores);
            TensorPrimitives.Add(ranks, scores, ranks);
        }
    }

    /// <summary>Tokens of the clusters that are read exactly, ascending.</summary>
    /// <param name="clusters">The clusters given to <see cref="Choose"/>.</param>
    /// <param name="firstToken">Token of the key with id 0.</param>
    public ReadOnlySpan<int> Tokens(KeyClusters clusters, int firstToken)
    {
        int count = 0;
        foreach (int cluster in _retrieved.AsSpan(0, _retrievedCount))
        {
            ReadOnlySpan<int> members = clusters.Members(cluster);
            if (_tokens.Length < count + members.Length)
                Array.Resize(ref _tokens, 2 * (count + members.Length));
            members.CopyTo(_tokens.AsSpan(count));
            count += members.Length;
        }
        Span<int> tokens = _tokens.AsSpan(0, count);
        TensorPrimitives.Add(tokens, firstToken, tokens);
        tokens.Sort();
        return tokens;
    }

    /// <summary>Reads the clusters that are estimated.</summary>
    public void ReadEstimated(ClusterMemory memory, in QueryBlock block, int firstRow, int rows)
    {
        if (_bothCount == _retrievedCount)
            return;
        int headDim = block.HeadDim, count = 0, retrieved = 0;
        Grow(ref _keys, (_bothCount - _retrievedCount) * headDim);
        Grow(ref _values, (_bothCount - _retrievedCount) * headDim);
        Grow(ref _logWeights, _bothCount - _retrievedCount);
        foreach (int cluster in _both.AsSpan(0, _bothCount))
        {
            if (retrieved < _retrievedCount && _retrieved[retrieved] == cluster)
            {
                retrieved++;
                continue;
            }
            memory.Clusters.CopyCentroid(cluster, _keys.AsSpan(count * headDim, headDim));
            memory.Value(cluster).CopyTo(_values.AsSpan(count * headDim));
            _logWeights[count++] = MathF.Log(memory.Clusters.Size(cluster));
        }
        block.ReadVectors(_keys.AsSpan(0, count * headDim), _values.AsSpan(0, count * headDim), _logWeights.AsSpan(0, count), firstRow, rows);
    }

    private static void Grow<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new T[length + (length / 4)];
    }
}
