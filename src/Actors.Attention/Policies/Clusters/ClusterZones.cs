using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Chooses the clusters that rows read exactly and those that are estimated. Working memory of one worker.</summary>
internal sealed class ClusterZones
{
    private float[] _query = [], _scores = [], _ranks = [], _keys = [], _values = [], _logWeights = [];
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
        Grow(ref _query, clusters.QueryElements);
        Grow(ref _scores, clusters.Scores);
        Grow(ref _ranks, clusters.Scores);
        Grow(ref _retrieved, count);
        Grow(ref _both, count);
        Span<float> ranks = _ranks.AsSpan(0, count), scores = _scores.AsSpan(0, count);
        if (retrieved < count)
        {
            ranks.Fill(heads == HeadChoice.Max ? float.NegativeInfinity : 0);
            for (int row = firstRow; row < firstRow + rows; row++)
            {
                clusters.Expand(block.Rotated(row), _query);
                clusters.Score(_query.AsSpan(0, clusters.QueryElements), _scores);
                if (heads == HeadChoice.Max)
                {
                    TensorPrimitives.Subtract(scores, block.Lse[row], scores);
                    TensorPrimitives.Max(ranks, scores, ranks);
                    continue;
                }
                if (rows > 1)
                {
                    TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores); // SoftMax takes exponentials as they are
                    TensorPrimitives.SoftMax(scores, scores);
                }
                TensorPrimitives.Add(ranks, scores, ranks);
            }
            block.Scratch.Counts.Scored += count;
        }
        _retrievedCount = TopK.Select(ranks, retrieved, _retrieved);
        _bothCount = TopK.Select(ranks, retrieved + estimated, _both); // holds the retrieved ones, since ties go to the first in both
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
