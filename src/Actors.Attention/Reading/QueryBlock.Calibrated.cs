using System.Numerics.Tensors;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Tokens that draw too much attention.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Names the tokens before the block and in the windows of all of its rows that draw more than a share of attention, mean over the block's tokens, the first token excepted. The result is of no use then.</summary>
    /// <param name="view">One view for all rows.</param>
    /// <param name="above">The share.</param>
    /// <param name="found">[groupSize], tokens are added to.</param>
    public void FindSinks(AttentionView view, float above, ReadOnlySpan<List<int>> found)
    {
        ReadWindow(view);
        ReadSinks(view);
        RotateAt(null);
        int start = view == AttentionView.Dense || view.Distant ? view.WindowStart : view.WindowStart + Tokens - 1;
        Span<int> groups = stackalloc int[KvLayout.GroupsPerPage];
        Span<float> shares = stackalloc float[KeyTile.Tokens], row = stackalloc float[KeyTile.Tokens];
        for (int tile = start / KeyTile.Tokens; tile * KeyTile.Tokens < _firstPosition; tile++)
        {
            int first = tile * KeyTile.Tokens, count = Math.Min(KvLayout.GroupsPerPage, (_firstPosition - first + KvLayout.GroupTokens - 1) / KvLayout.GroupTokens);
            for (int slot = 0; slot < count; slot++)
                groups[slot] = (tile * KvLayout.GroupsPerPage) + slot;
            LoadKeys(groups[..count], groups[..count]);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            int from = Math.Max(Math.Max(start, 1) - first, 0), to = Math.Min(KeyTile.Tokens, _firstPosition - first);
            for (int head = 0; head < _groupSize; head++)
            {
                shares.Clear();
                for (int each = head; each < _rows; each += _groupSize)
                {
                    TensorPrimitives.Subtract(_scratch.Weights.AsSpan(each * KeyTile.Tokens, KeyTile.Tokens), _scratch.TotalLse[each], row);
                    TensorPrimitives.Exp(row[..to], row[..to]);
                    TensorPrimitives.Add(shares[..to], row[..to], shares[..to]);
                }
                for (int token = from; token < to; token++)
                {
                    if (shares[token] > above * Tokens)
                        found[head].Add(first + token);
                }
            }
        }
    }

    /// <summary>
    /// Reads tokens of the window that were left out, so that their share becomes <paramref name="beta"/> times what it would have been, and all that was read
    /// before has the rest in proportion.
    /// </summary>
    /// <param name="tokens">For each query head of the group the tokens, ascending.</param>
    /// <param name="view">The view of the block's first row.</param>
    /// <param name="beta">The factor, 0 to 1.</param>
    public void ReadDamped(ReadOnlySpan<int[]> tokens, AttentionView view, float beta)
    {
        RotateAt(null);
        Begin();
        for (int row = 0; row < _rows; row++)
        {
            int start = view == AttentionView.Dense || view.Distant ? view.WindowStart : view.WindowStart + Position(row) - _firstPosition;
            ReadOnlySpan<int> seen = Between(tokens[row % _groupSize], start, Position(row) + 1);
            if (!seen.IsEmpty)
                ReadDamped(seen, row, beta);
        }
        Finish();
    }

    // No more than a tile of them: each draws a 50th of a head's attention or more.
    private void ReadDamped(ReadOnlySpan<int> tokens, int row, float beta)
    {
        GatherKeys(tokens, tokens);
        GatherValues(tokens);
        ScoreTile(tokens.Length, row, 1, []);
        Span<float> scores = _scratch.Weights.AsSpan(0, tokens.Length);
        float top = TensorPrimitives.Max<float>(scores), sum = 0;
        foreach (float score in scores)
            sum += MathF.Exp(score - top);
        float ahead = top + MathF.Log(sum) - _scratch.TotalLse[row];
        // With w = 1 / (1 + exp(-ahead)), log(beta w / (1 - beta w)) - ahead.
        if (beta < 1)
            TensorPrimitives.Add(scores, MathF.Log(beta / (1 - beta + MathF.Exp(-ahead))) - ahead, scores);
        Accumulate(tokens.Length, row, 1, tokens);
        Count(tokens.Length, 1);
    }

    private static ReadOnlySpan<int> Between(int[] tokens, int start, int end)
    {
        int from = 0, to = tokens.Length;
        while (from < to && tokens[from] < start)
            from++;
        while (to > from && tokens[to - 1] >= end)
            to--;
        return tokens.AsSpan(from, to - from);
    }
}
