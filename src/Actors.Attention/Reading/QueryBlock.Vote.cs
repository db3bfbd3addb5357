using System.Numerics.Tensors;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>What keys draw from the block's queries, without reading their values.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Takes keys [start, end) into the LSE of all rows, and not into their results.</summary>
    /// <param name="start">First token.</param>
    /// <param name="end">End of the tokens, at most the window's start.</param>
    /// <param name="view">Where the keys stand.</param>
    public void Weigh(int start, int end, AttentionView view)
    {
        Begin();
        AddShares(start, end, view, []);
        for (int row = 0; row < _rows; row++)
        {
            if (_scratch.Denominators[row] <= 0)
                continue; // saw no key
            float lse = _scratch.Maxima[row] + MathF.Log(_scratch.Denominators[row]), greater = MathF.Max(lse, _scratch.TotalLse[row]);
            _scratch.TotalLse[row] = greater + MathF.Log(MathF.Exp(lse - greater) + MathF.Exp(_scratch.TotalLse[row] - greater));
        }
    }

    /// <summary>Adds to each token the shares of attention that it draws from all rows. Follows the reading of all that the rows see, against whose LSE the shares are.</summary>
    /// <param name="start">First token.</param>
    /// <param name="end">End of the tokens, all before the block.</param>
    /// <param name="view">Where keys before its window stand; those inside stand at true positions.</param>
    /// <param name="shares">[end - start], added to; empty for <see cref="Weigh"/>.</param>
    public void AddShares(int start, int end, AttentionView view, Span<float> shares)
    {
        int remembered = view.Sinks == SinkPlacement.Constant ? Math.Clamp(view.WindowStart, start, end) : start;
        if (remembered > start)
            AddUnropedShares(start, remembered, view.Distance, shares);
        if (end > remembered)
            AddTrueShares(remembered, end, shares.IsEmpty ? [] : shares[(remembered - start)..]);
        _scratch.Counts.Scored += (long)(end - start) * _rows;
    }

    private void AddUnropedShares(int start, int end, int distance, Span<float> shares)
    {
        RotateTo(distance);
        Span<int> groups = stackalloc int[4];
        for (int tile = start - (start % KvLayout.GroupTokens); tile < end; tile += KeyTile.Tokens)
        {
            int count = Math.Min(4, (end - tile + KvLayout.GroupTokens - 1) / KvLayout.GroupTokens);
            for (int i = 0; i < count; i++)
                groups[i] = (tile / KvLayout.GroupTokens) + i;
            LoadKeys(groups[..count]);
            AddTileShares(tile, start, end, shares);
        }
    }

    private void AddTrueShares(int start, int end, Span<float> shares)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
            tables.RotateInSegment(Query(row), Position(row), _scratch.InSegment.AsSpan(row * _headDim, _headDim));
        for (int page = start / KvLayout.PageTokens; page * KvLayout.PageTokens < end; page++)
        {
            int tile = page * KvLayout.PageTokens;
            for (int row = 0; row < _rows; row++)
            {
                int segments = (Position(row) / RotaryTables.SegmentTokens) - (tile / RotaryTables.SegmentTokens);
                tables.RotateSegments(_scratch.InSegment.AsSpan(row * _headDim, _headDim), segments, _scratch.Rotated.AsSpan(row * _headDim, _headDim));
            }
            LoadRotatedKeys(_table.Page(page), tile, 0, Math.Min(end - tile, KvLayout.PageTokens), tables);
            AddTileShares(tile, start, end, shares);
        }
    }

    // Keys of the tile are loaded and queries rotated.
    private void AddTileShares(int tile, int start, int end, Span<float> shares)
    {
        ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
        int from = Math.Max(start - tile, 0), count = Math.Min(end - tile, KeyTile.Tokens) - from;
        Span<float> target = shares.IsEmpty ? [] : shares.Slice(tile + from - start, count);
        for (int row = 0; row < _rows; row++)
        {
            if (shares.IsEmpty)
            {
                SoftmaxKernel.Step(_scratch.Weights.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens), from, from + count, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
                continue;
            }
            Span<float> scores = _scratch.Weights.AsSpan((row * KeyTile.Tokens) + from, count);
            TensorPrimitives.Subtract(scores, _scratch.TotalLse[row], scores);
            TensorPrimitives.Exp(scores, scores);
            TensorPrimitives.Add(target, scores, target);
        }
    }
}
