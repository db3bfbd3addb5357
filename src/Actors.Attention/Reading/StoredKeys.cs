using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Keys and values of pages as rows, for building indexes and memories. Working memory of its own; one thread.</summary>
/// <param name="sequence">The sequence.</param>
internal sealed class StoredKeys(SequenceContext sequence)
{
    private readonly byte[] _block = new byte[sequence.Shape.HeadDim * KvLayout.GroupTokens * sizeof(float)];
    private readonly float[] _columns = new float[sequence.Shape.HeadDim * KvLayout.GroupTokens];

    /// <summary>Reads keys.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="head">KV head.</param>
    /// <param name="first">First token.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="roped">Whether each key is turned by its position (with the attention scale), or stays as it is stored.</param>
    /// <param name="keys">[count, headDim], written.</param>
    public void Read(int layer, int head, int first, int count, bool roped, Span<float> keys)
    {
        int headDim = sequence.Shape.HeadDim, loaded = -1;
        RotaryTables tables = sequence.Rope.Tables;
        for (int i = 0; i < count; i++)
        {
            int token = first + i, group = token / KvLayout.GroupTokens, lane = token % KvLayout.GroupTokens;
            if (group != loaded)
            {
                StoredElements.Read(sequence.Table.Layout.Format, sequence.Table.Keys(group / KvLayout.GroupsPerPage, layer, head, group % KvLayout.GroupsPerPage, _block), _columns);
                loaded = group;
            }
            Span<float> key = keys.Slice(i * headDim, headDim);
            for (int j = 0; j < headDim; j++)
                key[j] = _columns[(j * KvLayout.GroupTokens) + lane];
            if (!roped)
                continue;
            tables.RotateInSegment(key, token, key);
            tables.RotateSegments(key, token / RotaryTables.SegmentTokens, key);
        }
    }

    /// <summary>Reads values.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="head">KV head.</param>
    /// <param name="first">First token.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="values">[count, headDim], written.</param>
    public void ReadValues(int layer, int head, int first, int count, Span<float> values)
    {
        int headDim = sequence.Shape.HeadDim, elementBytes = sequence.Table.Layout.ElementBytes;
        for (int i = 0; i < count;)
        {
            int token = first + i, group = token / KvLayout.GroupTokens, lane = token % KvLayout.GroupTokens, rows = Math.Min(KvLayout.GroupTokens - lane, count - i);
            ReadOnlySpan<byte> stored = sequence.Table.Values(group / KvLayout.GroupsPerPage, layer, head, group % KvLayout.GroupsPerPage, _block);
            StoredElements.Read(sequence.Table.Layout.Format, stored[(lane * headDim * elementBytes)..], values.Slice(i * headDim, rows * headDim));
            i += rows;
        }
    }
}
