using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// A tile of 64 keys in fp32, [headDim, 64 tokens], filled group by group from stored keys [headDim, 16 tokens].
/// Tokens are the fast dimension, so a score is a chain of fused multiply-adds over headDim with one token per lane.
/// Single-threaded; spans must not overlap.
/// </summary>
public static class KeyTile
{
    /// <summary>Tokens of a group.</summary>
    public const int GroupTokens = 16;

    /// <summary>Tokens of a tile.</summary>
    public const int Tokens = 64;

    /// <summary>Widens a group into slot <paramref name="slot"/> of the tile, un-rotated: <c>tile[i, 16 slot + t] = group[i, t]</c>.</summary>
    /// <param name="element">Element type of <paramref name="group"/>.</param>
    /// <param name="group">[headDim, 16 tokens].</param>
    /// <param name="headDim">Elements per key.</param>
    /// <param name="slot">0 to 3.</param>
    /// <param name="tile">[headDim, 64], written in the columns of the slot.</param>
    /// <exception cref="ArgumentException">A span is too short or the slot out of range.</exception>
    public static void Widen(KvElement element, ReadOnlySpan<byte> group, int headDim, int slot, Span<float> tile)
    {
        Check(element, group.Length, headDim, slot, tile.Length);
        ref byte source = ref MemoryMarshal.GetReference(group);
        ref float destination = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), slot * GroupTokens);
        switch (element)
        {
            case KvElement.Float16: WidenGroup<Float16Load>(ref source, headDim, ref destination); break;
            case KvElement.BFloat16: WidenGroup<BFloat16Load>(ref source, headDim, ref destination); break;
            default: WidenGroup<Float32Load>(ref source, headDim, ref destination); break;
        }
    }

    /// <summary>
    /// Widens a group and turns each key by its own angle, h = headDim/2:
    /// <c>tile[i] = k[i] cos[i] - k[i+h] sin[i]</c>, <c>tile[i+h] = k[i+h] cos[i] + k[i] sin[i]</c>, elementwise over the 16 tokens.
    /// </summary>
    /// <param name="element">Element type of <paramref name="group"/>.</param>
    /// <param name="group">[headDim, 16 tokens].</param>
    /// <param name="headDim">Elements per key, even.</param>
    /// <param name="slot">0 to 3.</param>
    /// <param name="cos">[headDim/2, 16 tokens].</param>
    /// <param name="sin">[headDim/2, 16 tokens].</param>
    /// <param name="tile">[headDim, 64], written in the columns of the slot.</param>
    /// <exception cref="ArgumentException">A span is too short or the slot out of range.</exception>
    public static void WidenRotated(KvElement element, ReadOnlySpan<byte> group, int headDim, int slot, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, Span<float> tile)
    {
        Check(element, group.Length, headDim, slot, tile.Length);
        int half = headDim / 2;
        if (cos.Length < half * GroupTokens || sin.Length < half * GroupTokens)
            throw new ArgumentException($"The rotation of a group needs {half * GroupTokens} cosines and sines; got {cos.Length} and {sin.Length}.", nameof(cos));
        ref byte source = ref MemoryMarshal.GetReference(group);
        ref float c = ref MemoryMarshal.GetReference(cos);
        ref float s = ref MemoryMarshal.GetReference(sin);
        ref float destination = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), slot * GroupTokens);
        switch (element)
        {
            case KvElement.Float16: RotateGroup<Float16Load>(ref source, half, ref c, ref s, ref destination); break;
            case KvElement.BFloat16: RotateGroup<BFloat16Load>(ref source, half, ref c, ref s, ref destination); break;
            default: RotateGroup<Float32Load>(ref source, half, ref c, ref s, ref destination); break;
        }
    }

    private static void WidenGroup<TLoad>(ref byte source, int headDim, ref float destination)
        where TLoad : struct, IElementLoad
    {
        for (int i = 0; i < headDim; i++)
            TLoad.Load16(ref source, (nuint)(i * GroupTokens)).StoreUnsafe(ref destination, (nuint)(i * Tokens));
    }

    private static void RotateGroup<TLoad>(ref byte source, int half, ref float cos, ref float sin, ref float destination)
        where TLoad : struct, IElementLoad
    {
        for (int i = 0; i < half; i++)
        {
            Vector512<float> a = TLoad.Load16(ref source, (nuint)(i * GroupTokens));
            Vector512<float> b = TLoad.Load16(ref source, (nuint)((i + half) * GroupTokens));
            Vector512<float> c = Vector512.LoadUnsafe(ref cos, (nuint)(i * GroupTokens));
            Vector512<float> s = Vector512.LoadUnsafe(ref sin, (nuint)(i * GroupTokens));
            Vector512.FusedMultiplyAdd(a, c, -(b * s)).StoreUnsafe(ref destination, (nuint)(i * Tokens));
            Vector512.FusedMultiplyAdd(b, c, a * s).StoreUnsafe(ref destination, (nuint)((i + half) * Tokens));
        }
    }

    private static void Check(KvElement element, int groupBytes, int headDim, int slot, int tileLength)
    {
        int bytes = headDim * GroupTokens * (element == KvElement.Float32 ? 4 : 2);
        if (headDim <= 0 || groupBytes < bytes || tileLength < headDim * Tokens || (uint)slot > 3)
            throw new ArgumentException($"A group of {headDim} x 16 keys needs {bytes} bytes, a tile {headDim * Tokens} floats and a slot of 0 to 3; got {groupBytes}, {tileLength}, {slot}.");
    }
}
