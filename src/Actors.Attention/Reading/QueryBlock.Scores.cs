using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Scores of all remembered keys, without reading their values.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Scores every key of the memory where a view places it. Leaves the queries turned.</summary>
    /// <param name="view">The view, with sinks and window on group boundaries.</param>
    /// <param name="scores">[rows, memory tokens], written.</param>
    public void ScoreMemory(AttentionView view, Span<float> scores)
    {
        int total = view.WindowStart - view.SinkTokens;
        Span<int> groups = stackalloc int[KeyTile.Tokens / KvLayout.GroupTokens];
        Rotate(view);
        for (int from = view.SinkTokens; from < view.WindowStart;)
        {
            // Tiles end at pages, as true positions are turned by segments of whole pages.
            int to = Math.Min(view.WindowStart, (from / KeyTile.Tokens * KeyTile.Tokens) + KeyTile.Tokens), count = to - from;
            Span<int> tile = groups[..(count / KvLayout.GroupTokens)];
            for (int i = 0; i < tile.Length; i++)
                tile[i] = (from / KvLayout.GroupTokens) + i;
            if (view.Sinks == SinkPlacement.Constant)
                LoadKeys(tile);
            else
                LoadTurnedKeys(from, count);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            for (int row = 0; row < _rows; row++)
                _scratch.Weights.AsSpan(row * KeyTile.Tokens, count).CopyTo(scores[((row * total) + from - view.SinkTokens)..]);
            from = to;
        }
    }

    private void LoadTurnedKeys(int from, int count)
    {
        Span<int> tokens = stackalloc int[KeyTile.Tokens];
        for (int i = 0; i < count; i++)
            tokens[i] = from + i;
        GatherKeys(tokens[..count], tokens[..count]);
    }
}
