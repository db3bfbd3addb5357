using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <content>What rows that choose together think of keys. It uses the queries as <see cref="Rotate"/> left them.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Ranks single tokens where a view places them, without reading them.</summary>
    /// <param name="tokens">Tokens, all before the block.</param>
    /// <param name="view">The view given to <see cref="Rotate"/>.</param>
    /// <param name="firstRow">First row that chooses.</param>
    /// <param name="rows">Rows that choose together.</param>
    /// <param name="sum">As in <see cref="Combine"/>.</param>
    /// <param name="ranks">[tokens], written.</param>
    public void RankTokens(ReadOnlySpan<int> tokens, AttentionView view, int firstRow, int rows, bool sum, Span<float> ranks)
    {
        Span<float> tile = stackalloc float[KeyTile.Tokens];
        for (int i = 0; i < tokens.Length; i += KeyTile.Tokens)
        {
            ReadOnlySpan<int> part = tokens.Slice(i, Math.Min(KeyTile.Tokens, tokens.Length - i));
            GatherKeys(part, view.Sinks == SinkPlacement.Constant ? [] : part);
            ScoreKernel.Score(_scratch.Rotated.AsSpan(firstRow * _headDim), _scratch.Keys, rows, _headDim, _scratch.Weights);
            Combine(_scratch.Weights, firstRow, rows, sum, tile);
            tile[..part.Length].CopyTo(ranks[i..]);
        }
        _scratch.Counts.Scored += tokens.Length;
    }

    /// <summary>Makes one number per key of the scores of several rows.</summary>
    /// <param name="scores">[rows, 64], changed.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="sum">Whether scores are added up; otherwise the largest counts, each measured against what its row has read already.</param>
    /// <param name="ranks">[64], written.</param>
    public void Combine(Span<float> scores, int firstRow, int rows, bool sum, Span<float> ranks)
    {
        ranks.Fill(sum ? 0 : float.NegativeInfinity);
        for (int row = 0; row < rows; row++)
        {
            Span<float> own = scores.Slice(row * KeyTile.Tokens, KeyTile.Tokens);
            if (sum)
            {
                TensorPrimitives.Add(ranks, own, ranks);
                continue;
            }
            TensorPrimitives.Subtract(own, Lse[firstRow + row], own);
            TensorPrimitives.Max(ranks, own, ranks);
        }
    }
}
