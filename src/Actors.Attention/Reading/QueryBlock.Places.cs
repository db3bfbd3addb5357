using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Whole 16-token groups at any places. They use the queries as <see cref="Rotate"/> left them.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Reads whole groups where a view places them, in one softmax, and merges them into the result. Follows <see cref="Rotate"/>.</summary>
    /// <param name="groups">16-token groups, all before the block, ascending.</param>
    /// <param name="view">The view given to <see cref="Rotate"/>.</param>
    /// <param name="firstRow">First row that reads them.</param>
    /// <param name="rows">Rows that read them.</param>
    public void ReadGroups(ReadOnlySpan<int> groups, AttentionView view, int firstRow, int rows)
        => ReadGroups(groups, view.Sinks == SinkPlacement.Constant ? [] : groups, firstRow, rows);

    /// <summary>Reads whole groups at any places. Follows <see cref="RotateAt"/>, or <see cref="RotateTo"/> for un-roped keys.</summary>
    /// <param name="groups">16-token groups, all before the block.</param>
    /// <param name="places">Position of each group's first key divided by 16; empty reads them un-roped.</param>
    /// <param name="firstRow">First row that reads them.</param>
    /// <param name="rows">Rows that read them.</param>
    public void ReadGroups(ReadOnlySpan<int> groups, ReadOnlySpan<int> places, int firstRow, int rows)
    {
        if (groups.IsEmpty)
            return;
        Begin();
        Span<int> tokens = stackalloc int[KeyTile.Tokens];
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            Prefetch(groups, i + 4);
            if (places.IsEmpty)
                LoadKeys(tile);
            else
                LoadKeys(tile, places.Slice(i, tile.Length));
            for (int slot = 0; slot < tile.Length; slot++)
            {
                ReadOnlySpan<byte> values = _table.Values(tile[slot] / KvLayout.GroupsPerPage, _valueLayer, _head, tile[slot] % KvLayout.GroupsPerPage, _scratch.Block);
                ValueTile.Widen(_element, values, _headDim, slot * KvLayout.GroupTokens, KvLayout.GroupTokens, KvLayout.GroupTokens, _scratch.Values);
            }
            int count = tile.Length * KvLayout.GroupTokens;
            for (int slot = 0; slot < count; slot++)
                tokens[slot] = (tile[slot / KvLayout.GroupTokens] * KvLayout.GroupTokens) + (slot % KvLayout.GroupTokens);
            ScoreTile(count, firstRow, rows, []);
            Accumulate(count, firstRow, rows, tokens[..count]);
        }
        Finish();
        Count((long)groups.Length * KvLayout.GroupTokens * rows, groups.Length, groups.Length);
    }

    private void LoadKeys(ReadOnlySpan<int> groups, ReadOnlySpan<int> places)
    {
        for (int slot = 0; slot < groups.Length; slot++)
        {
            int group = groups[slot];
            _rope.Tables.FillGroup(places[slot], _scratch.GroupCos, _scratch.GroupSin);
            ReadOnlySpan<byte> keys = _table.Keys(group / KvLayout.GroupsPerPage, _layer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
            KeyTile.WidenRotated(_element, keys, _headDim, slot, _scratch.GroupCos, _scratch.GroupSin, _scratch.Keys);
        }
    }
}
