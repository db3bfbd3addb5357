using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Chooses spans for the rows of a block. Working memory of one worker.</summary>
internal sealed class SpanChoice
{
    private const int SampledEvery = 8, LongestSpan = 512;
    private float[] _queries = [], _scores = [], _ranks = [], _order = [];
    private int[] _best = [], _tokens = [];

    /// <summary>Finds the tokens of the spans that rank best, all rows of the block together; of several tokens every eighth has a say.</summary>
    /// <param name="spans">[greatest, least] of each span.</param>
    /// <param name="starts">First token of each span that may be chosen.</param>
    /// <param name="end">End of the tokens that may be read.</param>
    /// <param name="block">The queries, rotated for un-roped keys.</param>
    /// <param name="budget">Tokens; the last span that is taken may go beyond.</param>
    /// <returns>Tokens, ascending; valid until the next call.</returns>
    public ReadOnlySpan<int> Choose(RowTiles spans, ReadOnlySpan<int> starts, int end, in QueryBlock block, int budget)
    {
        Reserve(starts.Length, block.GroupSize, block.HeadDim, budget + LongestSpan);
        Span<float> ranks = _ranks.AsSpan(0, starts.Length);
        ranks.Fill(float.NegativeInfinity);
        for (int token = (block.Tokens - 1) % SampledEvery; token < block.Tokens; token += SampledEvery)
            Rank(spans, block, token * block.GroupSize, ranks);
        int chosen = TopK.Select(ranks, budget, _best); // no span is shorter than a token
        for (int i = 0; i < chosen; i++)
            _order[i] = -ranks[_best[i]];
        _order.AsSpan(0, chosen).Sort(_best.AsSpan(0, chosen));
        int count = 0;
        for (int i = 0; i < chosen && count < budget; i++)
        {
            int span = _best[i], to = span + 1 < starts.Length ? Math.Min(starts[span + 1], end) : end;
            for (int token = starts[span]; token < to; token++)
                _tokens[count++] = token;
        }
        _tokens.AsSpan(0, count).Sort();
        return _tokens.AsSpan(0, count);
    }

    private void Rank(RowTiles spans, in QueryBlock block, int firstRow, Span<float> ranks)
    {
        int headDim = block.HeadDim, rows = block.GroupSize;
        for (int row = 0; row < rows; row++)
        {
            Span<float> parts = _queries.AsSpan(row * 2 * headDim, 2 * headDim);
            TensorPrimitives.Max(block.Rotated(firstRow + row), 0f, parts[..headDim]);
            TensorPrimitives.Min(block.Rotated(firstRow + row), 0f, parts[headDim..]);
        }
        Span<float> tileRanks = stackalloc float[KeyTile.Tokens];
        for (int tile = 0; tile * KeyTile.Tokens < ranks.Length; tile++)
        {
            ScoreKernel.Score(_queries, spans[tile], rows, 2 * headDim, _scores);
            block.Combine(_scores, firstRow, rows, false, tileRanks);
            Span<float> own = ranks[(tile * KeyTile.Tokens)..];
            own = own[..Math.Min(own.Length, KeyTile.Tokens)];
            TensorPrimitives.Max(own, tileRanks[..own.Length], own);
        }
        block.Scratch.Counts.Scored += ranks.Length;
    }

    private void Reserve(int spans, int rows, int headDim, int tokens)
    {
        if (_queries.Length < rows * 2 * headDim)
            _queries = new float[rows * 2 * headDim];
        if (_scores.Length < rows * KeyTile.Tokens)
            _scores = new float[rows * KeyTile.Tokens];
        if (_ranks.Length < spans)
            (_ranks, _order, _best) = (new float[spans + (spans / 4)], new float[spans + (spans / 4)], new int[spans + (spans / 4)]);
        if (_tokens.Length < tokens)
            _tokens = new int[tokens + (tokens / 4)];
    }
}
