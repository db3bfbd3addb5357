using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.KvCache;

/// <summary>
/// Stores rows of keys into the group layout and keeps the bounds. Elements are handled as their bit patterns: a sign-and-magnitude
/// number orders like a two's-complement integer once the magnitude of negatives is inverted, so min and max need no conversion.
/// </summary>
internal static class PageRows
{
    /// <summary>Converts a row to the page's format.</summary>
    /// <returns>Index of the first element that the format cannot hold, or null.</returns>
    internal static int? Convert(ReadOnlySpan<float> row, KvFormat format, Span<byte> destination)
    {
        switch (format)
        {
            case KvFormat.Float16:
                TensorPrimitives.ConvertToHalf(row, MemoryMarshal.Cast<byte, Half>(destination));
                return FirstNonFinite<short>(MemoryMarshal.Cast<byte, short>(destination)[..row.Length], 0x7C00);
            case KvFormat.BFloat16:
                RoundToBFloat16(row, MemoryMarshal.Cast<byte, short>(destination));
                return FirstNonFinite<short>(MemoryMarshal.Cast<byte, short>(destination)[..row.Length], 0x7F80);
            default:
                MemoryMarshal.AsBytes(row).CopyTo(destination);
                return FirstNonFinite<int>(MemoryMarshal.Cast<byte, int>(destination)[..row.Length], 0x7F80_0000);
        }
    }

    /// <summary>Stores one token's key in a group of keys [headDim, 16 tokens].</summary>
    internal static void StoreKey<T>(ReadOnlySpan<T> key, Span<T> group, int token)
        where T : unmanaged
    {
        ref T target = ref Unsafe.Add(ref MemoryMarshal.GetReference(group[..(key.Length * KvLayout.GroupTokens)]), token);
        for (int i = 0; i < key.Length; i++)
            Unsafe.Add(ref target, i * KvLayout.GroupTokens) = key[i];
    }

    /// <summary>Takes one key into the bounds [2, headDim].</summary>
    /// <param name="key">Bit patterns of the key.</param>
    /// <param name="bounds">Bit patterns of the minima, then of the maxima.</param>
    /// <param name="first">Whether the key is the first of its group and replaces the bounds.</param>
    internal static void ExtendBounds<T>(ReadOnlySpan<T> key, Span<T> bounds, bool first)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        Span<T> least = bounds[..key.Length], most = bounds.Slice(key.Length, key.Length);
        if (first)
        {
            key.CopyTo(least);
            key.CopyTo(most);
            return;
        }

        int i = 0;
        for (; i + Vector256<T>.Count <= key.Length; i += Vector256<T>.Count)
        {
            Vector256<T> added = Order(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(key), (nuint)i));
            Vector256<T> low = Order(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(least), (nuint)i));
            Vector256<T> high = Order(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(most), (nuint)i));
            Order(Vector256.Min(low, added)).StoreUnsafe(ref MemoryMarshal.GetReference(least), (nuint)i);
            Order(Vector256.Max(high, added)).StoreUnsafe(ref MemoryMarshal.GetReference(most), (nuint)i);
        }

        for (; i < key.Length; i++)
        {
            least[i] = Order(T.Min(Order(least[i]), Order(key[i])));
            most[i] = Order(T.Max(Order(most[i]), Order(key[i])));
        }
    }

    /// <summary>Bounds of the first tokens of a group from the stored keys; zero for none.</summary>
    internal static void ComputeBounds<T>(ReadOnlySpan<T> group, int tokens, Span<T> bounds)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int headDim = bounds.Length / 2;
        for (int i = 0; i < headDim; i++)
        {
            ReadOnlySpan<T> channel = group.Slice(i * KvLayout.GroupTokens, tokens);
            T low = T.MaxValue, high = T.MinValue;
            foreach (T bits in channel)
            {
                low = T.Min(low, Order(bits));
                high = T.Max(high, Order(bits));
            }

            bounds[i] = tokens == 0 ? T.Zero : Order(low);
            bounds[headDim + i] = tokens == 0 ? T.Zero : Order(high);
        }
    }

    /// <summary>Clears a group's keys from a token on.</summary>
    internal static void ClearKeys<T>(Span<T> group, int fromToken)
        where T : unmanaged
    {
        for (int i = 0; i < group.Length; i += KvLayout.GroupTokens)
            group.Slice(i + fromToken, KvLayout.GroupTokens - fromToken).Clear();
    }

    private static T Order<T>(T bits)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
        => T.IsNegative(bits) ? bits ^ T.MaxValue : bits;

    private static Vector256<T> Order<T>(Vector256<T> bits)
        where T : unmanaged, IMinMaxValue<T>
        => bits ^ (Vector256.LessThan(bits, Vector256<T>.Zero) & Vector256.Create(T.MaxValue));

    private static int? FirstNonFinite<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        int i = 0;
        Vector256<T> mask = Vector256.Create(exponent);
        for (; i + Vector256<T>.Count <= bits.Length; i += Vector256<T>.Count)
        {
            if (Vector256.EqualsAny(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(bits), (nuint)i) & mask, mask)) break;
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent) return i;
        }

        return null;
    }

    private static void RoundToBFloat16(ReadOnlySpan<float> row, Span<short> destination)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(row);
        int i = 0;
        for (; i + (2 * Vector256<uint>.Count) <= bits.Length; i += 2 * Vector256<uint>.Count)
        {
            ref uint source = ref Unsafe.Add(ref MemoryMarshal.GetReference(bits), i);
            Vector256<uint> low = Round(Vector256.LoadUnsafe(ref source));
            Vector256<uint> high = Round(Vector256.LoadUnsafe(ref source, (nuint)Vector256<uint>.Count));
            Vector256.Narrow(low, high).AsInt16().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)i);
        }

        for (; i < bits.Length; i++)
            destination[i] = float.IsNaN(row[i]) ? (short)0x7FC0 : (short)((bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) >> 16);

        static Vector256<uint> Round(Vector256<uint> x)
        {
            Vector256<uint> rounded = (x + Vector256.Create(0x7FFFu) + ((x >>> 16) & Vector256<uint>.One)) >>> 16;
            Vector256<uint> isNumber = Vector256.LessThanOrEqual(x & Vector256.Create(0x7FFF_FFFFu), Vector256.Create(0x7F80_0000u));
            return Vector256.ConditionalSelect(isNumber, rounded, Vector256.Create(0x7FC0u));
        }
    }
}
