using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Finds the groups with the highest exact bounds by comparing all of them. Working memory of one worker.</summary>
internal sealed class BoundsScan
{
    private float[] _queries = []; // [rows, 2 = positive and negative part, headDim]
    private float[] _scores = [];  // [rows, 64]
    private float[] _groups = [];  // [groups, rounded up to 64]
    private int[] _best = [];

    /// <summary>All groups of [first, end), when there is room for them.</summary>
    public ReadOnlySpan<int> All(int first, int end)
    {
        Reserve(0, 0, 0, end - first);
        for (int i = 0; i < end - first; i++)
            _best[i] = first + i;
        return _best.AsSpan(0, end - first);
    }

    /// <summary>Finds groups of [first, end) for rows that share one choice.</summary>
    /// <param name="bounds">Bounds of the (layer, KV head).</param>
    /// <param name="block">The queries, rotated for the space of the bounds.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="sum">Whether the rows' bounds are added up; otherwise the largest counts, each measured against what its row has read already.</param>
    /// <param name="first">First candidate group.</param>
    /// <param name="end">End of the candidate groups.</param>
    /// <param name="count">Groups to find.</param>
    /// <returns>The groups, ascending; valid until the next call.</returns>
    public ReadOnlySpan<int> Choose(GroupBounds bounds, in QueryBlock block, int firstRow, int rows, bool sum, int first, int end, int count)
    {
        int headDim = block.HeadDim;
        Reserve(rows, headDim, bounds.Tiles * KeyTile.Tokens, Math.Min(count, end - first));
        for (int row = 0; row < rows; row++)
        {
            Span<float> parts = _queries.AsSpan(row * 2 * headDim, 2 * headDim);
            TensorPrimitives.Max(block.Rotated(firstRow + row), 0f, parts[..headDim]);
            TensorPrimitives.Min(block.Rotated(firstRow + row), 0f, parts[headDim..]);
        }
        for (int tile = first / KeyTile.Tokens; tile * KeyTile.Tokens < end; tile++)
        {
            ScoreKernel.Score(_queries, bounds.Tile(tile), rows, 2 * headDim, _scores);
            block.Combine(_scores, firstRow, rows, sum, _groups.AsSpan(tile * KeyTile.Tokens, KeyTile.Tokens));
        }
        block.Scratch.Counts.Scored += end - first;
        int chosen = TopK.Select(_groups.AsSpan(first, end - first), count, _best);
        for (int i = 0; i < chosen; i++)
            _best[i] += first;
        return _best.AsSpan(0, chosen);
    }

    private void Reserve(int rows, int headDim, int groups, int best)
    {
        if (_queries.Length < rows * 2 * headDim)
            _queries = new float[rows * 2 * headDim];
        if (_scores.Length < rows * KeyTile.Tokens)
            _scores = new float[rows * KeyTile.Tokens];
        if (_groups.Length < groups)
            _groups = new float[groups + (groups / 4)];
        if (_best.Length < best)
            _best = new int[best + (best / 4)];
    }
}
