using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Bounds of 16 neighbouring keys at a time and of 16 such groups and so on: a search opens the best nodes of each level and compares the keys of the best groups, and the newest keys,
/// which lie in no group yet. Made as fast as keys are read.
/// </summary>
/// <remarks>Source: arXiv:2406.10774 (Quest) for the bounds. What was forgotten leaves no trace: the bounds are made again, as their steps may come from a key that is gone.</remarks>
internal sealed class BoundsIndex : IKeyIndex
{
    private const int GroupKeys = KeyIndex.Fanout;
    private readonly KeyIndexOptions _options;
    private readonly KeyRows _keys;
    private readonly KeyIndex _tree;
    private readonly float[] _bounds; // [2 = min and max, headDim]

    public BoundsIndex(int headDim, KeyIndexOptions options)
    {
        if (headDim % 2 != 0)
            throw new ArgumentException($"The key index 'bounds' takes pairs of channels; a head dimension of {headDim} has none for the last. Use another index.", nameof(headDim));
        (_options, _keys, _tree, _bounds) = (options, new(headDim), new(KvFormat.Float32, headDim), new float[2 * headDim]);
    }

    public string Kind => "bounds";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + _tree.Bytes;

    public void Append(ReadOnlySpan<float> keys)
    {
        _keys.Append(keys);
        Grow();
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        _keys.Truncate(count);
        _tree.Truncate(Count / GroupKeys);
        Grow();
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        scratch.Best.Reset(count);
        Span<byte> rounded = stackalloc byte[2 * query.Length];
        float unit = BoundsKernel.Round(query, _tree.Steps, rounded);
        // A key wanted is given the room of four, so that groups of many wanted keys and groups of one are both found.
        int groups = Math.Max(_options.BoundsGroups, (count + 3) / 4);
        scratch.Groups.Run(_tree, query.Length, rounded, [unit], [0], 0, _tree.Groups, groups, Math.Max(_options.BoundsOpened, (groups + 7) / 8));
        foreach (int group in scratch.Groups.Groups)
            Compare(query, group * GroupKeys, (group + 1) * GroupKeys, scratch.Best);
        Compare(query, _tree.Groups * GroupKeys, Count, scratch.Best);
        scratch.Scored = scratch.Groups.Scored + (scratch.Groups.Groups.Length * GroupKeys) + (Count % GroupKeys);
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => Truncate(0);

    private void Compare(ReadOnlySpan<float> query, int first, int end, BestKeys best)
    {
        for (int id = first; id < end; id++)
        {
            float score = _keys.Score(query, id);
            if (score >= best.Floor)
                best.Offer(id, score);
        }
    }

    private void Grow()
    {
        int headDim = _keys.HeadDim;
        Span<float> least = _bounds.AsSpan(0, headDim), most = _bounds.AsSpan(headDim);
        while ((_tree.Groups + 1) * GroupKeys <= Count)
        {
            int first = _tree.Groups * GroupKeys;
            _keys[first].CopyTo(least);
            _keys[first].CopyTo(most);
            for (int id = first + 1; id < first + GroupKeys; id++)
            {
                TensorPrimitives.Min(least, _keys[id], least);
                TensorPrimitives.Max(most, _keys[id], most);
            }
            _tree.Append(MemoryMarshal.AsBytes(_bounds.AsSpan()));
        }
    }
}
