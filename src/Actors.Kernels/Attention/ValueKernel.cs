using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// Weighted sums of a value tile: <c>sums[row, i] = sums[row, i] * factors[row] + sum_t weights[row, t] * tile[t, i]</c>.
/// Even and odd tokens are summed apart and added at the end, in the same order for any number of rows. Single-threaded.
/// </summary>
public static class ValueKernel
{
    /// <summary>Accumulates all rows.</summary>
    /// <param name="weights">[rows, 64] of <see cref="SoftmaxKernel"/>.</param>
    /// <param name="tile">[64, stride] of <see cref="ValueTile"/>.</param>
    /// <param name="factors">[rows], multiplied into the sums first.</param>
    /// <param name="rows">Query rows.</param>
    /// <param name="tokens">Tokens of the tile that carry weight, rounded up to even, at most 64.</param>
    /// <param name="stride">Floats of a padded value row, a multiple of 16.</param>
    /// <param name="sums">[rows, stride], updated in place; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">A span is too short, or the stride no multiple of 16.</exception>
    public static void Accumulate(ReadOnlySpan<float> weights, ReadOnlySpan<float> tile, ReadOnlySpan<float> factors, int rows, int tokens, int stride, Span<float> sums)
    {
        int even = (tokens + 1) & ~1;
        if (stride <= 0 || stride % 16 != 0 || even > KeyTile.Tokens || weights.Length < rows * KeyTile.Tokens || tile.Length < even * stride || factors.Length < rows || sums.Length < rows * stride)
            throw new ArgumentException($"Summing {rows} rows over {tokens} tokens of stride {stride} got {weights.Length} weights, {tile.Length} values, {factors.Length} factors and {sums.Length} sums.");
        ref float w = ref MemoryMarshal.GetReference(weights);
        ref float v = ref MemoryMarshal.GetReference(tile);
        ref float f = ref MemoryMarshal.GetReference(factors);
        ref float o = ref MemoryMarshal.GetReference(sums);
        int row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            for (int i = 0; i < stride; i += 16)
                FourRows(ref Unsafe.Add(ref w, row * KeyTile.Tokens), ref Unsafe.Add(ref v, i), ref Unsafe.Add(ref f, row), even, stride, ref Unsafe.Add(ref o, (row * stride) + i));
        }
        for (; row < rows; row++)
        {
            int i = 0;
            for (; i + 32 <= stride; i += 32)
                OneRow32(ref Unsafe.Add(ref w, row * KeyTile.Tokens), ref Unsafe.Add(ref v, i), Unsafe.Add(ref f, row), even, stride, ref Unsafe.Add(ref o, (row * stride) + i));
            if (i < stride)
                OneRow16(ref Unsafe.Add(ref w, row * KeyTile.Tokens), ref Unsafe.Add(ref v, i), Unsafe.Add(ref f, row), even, stride, ref Unsafe.Add(ref o, (row * stride) + i));
        }
    }

    private static void FourRows(ref float w, ref float v, ref float f, int tokens, int stride, ref float o)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (int t = 0; t < tokens; t += 2)
        {
            Vector512<float> v0 = Vector512.LoadUnsafe(ref v), v1 = Vector512.LoadUnsafe(ref v, (nuint)stride);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t)), v0, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 1)), v1, a1);
            b0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 64)), v0, b0);
            b1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 65)), v1, b1);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 128)), v0, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 129)), v1, c1);
            d0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 192)), v0, d0);
            d1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 193)), v1, d1);
            v = ref Unsafe.Add(ref v, 2 * stride);
        }
        Store(a0 + a1, f, ref o);
        Store(b0 + b1, Unsafe.Add(ref f, 1), ref Unsafe.Add(ref o, stride));
        Store(c0 + c1, Unsafe.Add(ref f, 2), ref Unsafe.Add(ref o, 2 * stride));
        Store(d0 + d1, Unsafe.Add(ref f, 3), ref Unsafe.Add(ref o, 3 * stride));
    }

    private static void OneRow32(ref float w, ref float v, float factor, int tokens, int stride, ref float o)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default;
        for (int t = 0; t < tokens; t += 2)
        {
            Vector512<float> x = Vector512.Create(Unsafe.Add(ref w, t)), y = Vector512.Create(Unsafe.Add(ref w, t + 1));
            a0 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref v), a0);
            b0 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref v, 16), b0);
            a1 = Vector512.FusedMultiplyAdd(y, Vector512.LoadUnsafe(ref v, (nuint)stride), a1);
            b1 = Vector512.FusedMultiplyAdd(y, Vector512.LoadUnsafe(ref v, (nuint)stride + 16), b1);
            v = ref Unsafe.Add(ref v, 2 * stride);
        }
        Store(a0 + a1, factor, ref o);
        Store(b0 + b1, factor, ref Unsafe.Add(ref o, 16));
    }

    private static void OneRow16(ref float w, ref float v, float factor, int tokens, int stride, ref float o)
    {
        Vector512<float> a0 = default, a1 = default;
        for (int t = 0; t < tokens; t += 2)
        {
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t)), Vector512.LoadUnsafe(ref v), a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, t + 1)), Vector512.LoadUnsafe(ref v, (nuint)stride), a1);
            v = ref Unsafe.Add(ref v, 2 * stride);
        }
        Store(a0 + a1, factor, ref o);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> added, float factor, ref float o)
        => Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref o), Vector512.Create(factor), added).StoreUnsafe(ref o);
}
