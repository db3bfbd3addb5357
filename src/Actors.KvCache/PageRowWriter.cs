using System.Numerics;
using System.Runtime.InteropServices;

namespace Actors.KvCache;

/// <summary>Writes the keys and values of one layer into pages, row by row.</summary>
/// <param name="layout">Layout of the page.</param>
/// <param name="layer">The layer.</param>
/// <param name="row">Scratch, one row in the page's format.</param>
internal readonly ref struct PageRowWriter(KvLayout layout, int layer, Span<byte> row)
{
    private readonly Span<byte> _row = row;

    /// <summary>Stores one token, or throws and leaves the page as it was.</summary>
    internal void Write(Span<byte> page, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        int token = position % KvLayout.PageTokens;
        int headBytes = layout.HeadDim * layout.ElementBytes;
        Convert("value", position, value);
        for (int head = 0; head < layout.KvHeads; head++)
        {
            int target = layout.ValuesOffset(layer, head) + (token * headBytes);
            _row.Slice(head * headBytes, headBytes).CopyTo(page.Slice(target, headBytes));
        }

        Convert("key", position, key);
        for (int head = 0; head < layout.KvHeads; head++)
        {
            if (layout.ElementBytes == 2) WriteKey<short>(page, token, head);
            else WriteKey<int>(page, token, head);
        }
    }

    /// <summary>Sets the bounds of the group of a token to those of the tokens before it in the group.</summary>
    internal void RestoreBounds(Span<byte> page, int token)
    {
        for (int head = 0; head < layout.KvHeads; head++)
        {
            if (layout.ElementBytes == 2) ComputeBounds<short>(layout, page, layer, head, token);
            else ComputeBounds<int>(layout, page, layer, head, token);
        }
    }

    /// <summary>Clears all layers of a page from a token on, the bounds included.</summary>
    internal static void Clear(KvLayout layout, Span<byte> page, int fromToken)
    {
        for (int layer = 0; layer < layout.Layers; layer++)
        {
            for (int head = 0; head < layout.KvHeads; head++)
            {
                if (layout.ElementBytes == 2) ClearHead<short>(layout, page, layer, head, fromToken);
                else ClearHead<int>(layout, page, layer, head, fromToken);
            }
        }
    }

    private static void ClearHead<T>(KvLayout layout, Span<byte> page, int layer, int head, int fromToken)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        for (int group = fromToken / KvLayout.GroupTokens; group < KvLayout.GroupsPerPage; group++)
        {
            int start = group * KvLayout.GroupTokens;
            PageRows.ClearKeys(Keys<T>(layout, page, layer, head, group), Math.Max(0, fromToken - start));
            ComputeBounds<T>(layout, page, layer, head, Math.Max(start, fromToken));
        }

        int rowBytes = layout.HeadDim * layout.ElementBytes;
        page.Slice(layout.ValuesOffset(layer, head) + (fromToken * rowBytes), (KvLayout.PageTokens - fromToken) * rowBytes).Clear();
    }

    private static void ComputeBounds<T>(KvLayout layout, Span<byte> page, int layer, int head, int token)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int group = token / KvLayout.GroupTokens;
        PageRows.ComputeBounds<T>(
            Keys<T>(layout, page, layer, head, group), token % KvLayout.GroupTokens, BoundsOf<T>(layout, page, layer, head, group));
    }

    private void WriteKey<T>(Span<byte> page, int token, int head)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int group = token / KvLayout.GroupTokens;
        int lane = token % KvLayout.GroupTokens;
        ReadOnlySpan<T> key = MemoryMarshal.Cast<byte, T>(_row).Slice(head * layout.HeadDim, layout.HeadDim);
        PageRows.StoreKey(key, Keys<T>(layout, page, layer, head, group), lane);
        PageRows.ExtendBounds(key, BoundsOf<T>(layout, page, layer, head, group), first: lane == 0);
    }

    private static Span<T> Keys<T>(KvLayout layout, Span<byte> page, int layer, int head, int group)
        where T : unmanaged
        => MemoryMarshal.Cast<byte, T>(page[layout.KeysOffset(layer, head, group)..])[..(layout.HeadDim * KvLayout.GroupTokens)];

    private static Span<T> BoundsOf<T>(KvLayout layout, Span<byte> page, int layer, int head, int group)
        where T : unmanaged
        => MemoryMarshal.Cast<byte, T>(page[layout.BoundsOffset(layer, head, group)..])[..(2 * layout.HeadDim)];

    private void Convert(string what, int position, ReadOnlySpan<float> elements)
    {
        if (PageRows.Convert(elements, layout.Format, _row) is not { } bad) return;
        throw new NonFiniteKvException(
            what, layer, position, bad / layout.HeadDim, bad % layout.HeadDim, elements[bad], layout.Format);
    }
}
