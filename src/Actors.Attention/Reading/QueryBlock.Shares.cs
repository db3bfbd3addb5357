using System.Numerics.Tensors;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>What share of attention the keys before the window draw, without reading their values.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>
    /// Adds to each key between sinks and window the share of attention that it draws from each row, measured against everything that the row sees: once by key and once by
    /// distance. Reads the window into the result, which is of no other use then.
    /// </summary>
    /// <param name="view">One view for all rows.</param>
    /// <param name="last">Position from which distances are counted backwards, not before any row.</param>
    /// <param name="columns">By key, at least the window's start rounded up to a tile.</param>
    /// <param name="diagonals">Element <c>last - distance</c>; 64 longer than <paramref name="last"/> needs.</param>
    public void AddShares(AttentionView view, int last, Span<float> columns, Span<float> diagonals)
    {
        ReadWindow(view);
        Rotate(view);
        int tiles = (view.WindowStart + KeyTile.Tokens - 1) / KeyTile.Tokens;
        _scratch.ReserveShares(tiles);
        _scratch.TotalLse.AsSpan(0, _rows).CopyTo(_scratch.Maxima); // the window is the first part of the sum
        _scratch.Denominators.AsSpan(0, _rows).Fill(1);
        Span<int> groups = stackalloc int[KvLayout.GroupsPerPage];
        for (int tile = 0; tile < tiles; tile++)
        {
            int count = Math.Min(KvLayout.GroupsPerPage, (view.WindowStart - (tile * KeyTile.Tokens)) / KvLayout.GroupTokens);
            for (int slot = 0; slot < count; slot++)
                groups[slot] = (tile * KvLayout.GroupsPerPage) + slot;
            LoadPlaced(groups[..count], view);
            Span<float> scores = _scratch.Shares.AsSpan(tile * _rows * KeyTile.Tokens, _rows * KeyTile.Tokens);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, scores);
            for (int row = 0; row < _rows; row++)
            {
                SoftmaxKernel.Step(scores.Slice(row * KeyTile.Tokens, KeyTile.Tokens), 0, count * KvLayout.GroupTokens, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
                _scratch.TileMaxima[(tile * _rows) + row] = _scratch.Maxima[row];
            }
        }
        for (int tile = view.SinkTokens / KeyTile.Tokens; tile < tiles; tile++)
        {
            int from = Math.Max(view.SinkTokens - (tile * KeyTile.Tokens), 0), first = (tile * KeyTile.Tokens) + from, count = KeyTile.Tokens - from;
            for (int row = 0; row < _rows; row++)
            {
                float factor = MathF.Exp(_scratch.TileMaxima[(tile * _rows) + row] - _scratch.Maxima[row]) / _scratch.Denominators[row];
                ReadOnlySpan<float> weights = _scratch.Shares.AsSpan((((tile * _rows) + row) * KeyTile.Tokens) + from, count);
                Span<float> column = columns.Slice(first, count), diagonal = diagonals.Slice(first + last - Position(row), count);
                TensorPrimitives.MultiplyAdd(weights, factor, column, column);
                TensorPrimitives.MultiplyAdd(weights, factor, diagonal, diagonal);
            }
        }
        _scratch.Counts.Scored += (long)view.WindowStart * _rows;
    }
}
