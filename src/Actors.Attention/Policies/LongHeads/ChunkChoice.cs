using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>The chunks that rows read, as groups and the places to which they are moved. Working memory of one worker.</summary>
internal sealed class ChunkChoice
{
    private float[] _scores = [], _ranks = [];
    private int[] _chunks = [], _groups = [], _places = [];
    private int _count;

    public ReadOnlySpan<int> Groups => _groups.AsSpan(0, _count);

    /// <summary>0, 1, ... as many as <see cref="Groups"/>.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, _count);

    /// <summary>Adds up what a row thinks of the chunks, each a feature.</summary>
    public void Rank(RowTiles features, in QueryBlock block, int row, HeadChoice heads, bool first)
    {
        int padded = features.Tiles * KeyTile.Tokens;
        if (_scores.Length < padded)
            (_scores, _ranks) = (new float[padded + (padded / 4)], new float[padded + (padded / 4)]);
        features.Score(block.Query(row), first ? _ranks : _scores);
        Span<float> ranks = _ranks.AsSpan(0, features.Count);
        if (first)
            return;
        if (heads == HeadChoice.Sum)
            TensorPrimitives.Add(ranks, _scores.AsSpan(0, features.Count), ranks);
        else
            TensorPrimitives.Max(ranks, _scores.AsSpan(0, features.Count), ranks);
    }

    /// <summary>Takes chunk 0 and the best of [1, end).</summary>
    /// <param name="end">End of the candidates.</param>
    /// <param name="count">Chunks to choose.</param>
    /// <param name="chunkGroups">16-token groups of a chunk.</param>
    public void Take(int end, int count, int chunkGroups)
    {
        int most = (count + 1) * chunkGroups;
        if (_chunks.Length < count + 1)
            _chunks = new int[count + 1];
        if (_groups.Length < most)
        {
            _groups = new int[most];
            _places = [.. Enumerable.Range(0, most)];
        }
        int chosen = TopK.Select(_ranks.AsSpan(1, end - 1), count, _chunks);
        _count = 0;
        for (int i = -1; i < chosen; i++)
        {
            int chunk = i < 0 ? 0 : _chunks[i] + 1;
            for (int group = 0; group < chunkGroups; group++)
                _groups[_count++] = (chunk * chunkGroups) + group;
        }
    }
}
