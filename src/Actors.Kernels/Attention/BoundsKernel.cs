using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>
/// Upper bounds of the scores inside groups of keys: <c>bound = sum_i max(q_i min_i, q_i max_i)</c>, for 16 groups at a time in column
/// layout. Minima are rounded down and maxima up to 8 bits, so no key of a group scores above its bound. Single-threaded.
/// </summary>
/// <remarks>Source: arXiv:2406.10774 (Quest); here the columns hold 16 groups in 8 bits, and parents over 16 groups are scored the same way.</remarks>
public static class BoundsKernel
{
    /// <summary>Groups of a block.</summary>
    public const int BlockGroups = 16;

    /// <summary>Splits a query into its positive and negative parts, which pick the maximum or the minimum of a channel.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="steps">[headDim], what one unit of a channel's 8-bit bounds is worth.</param>
    /// <param name="split">[headDim, 2] as positive, negative, times the step; written.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Split(ReadOnlySpan<float> query, ReadOnlySpan<float> steps, Span<float> split)
    {
        if (steps.Length != query.Length || split.Length < 2 * query.Length)
            throw new ArgumentException($"Splitting {query.Length} elements needs as many steps and twice as many results; got {steps.Length} and {split.Length}.", nameof(split));
        for (int i = 0; i < query.Length; i++)
        {
            split[2 * i] = MathF.Max(query[i], 0) * steps[i];
            split[(2 * i) + 1] = MathF.Min(query[i], 0) * steps[i];
        }
    }

    /// <summary>Bounds of a block, reduced over the rows: <c>result[g] = max_row(bound[row, g] - offsets[row])</c>.</summary>
    /// <param name="block">[headDim, 2 = min and max, 16 groups].</param>
    /// <param name="split">[rows, headDim, 2] of <see cref="Split"/>.</param>
    /// <param name="offsets">[rows], what a row's scores are measured against, for instance its LSE so far.</param>
    /// <param name="headDim">Elements per key.</param>
    /// <param name="result">[16], written.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Score(ReadOnlySpan<sbyte> block, ReadOnlySpan<float> split, ReadOnlySpan<float> offsets, int headDim, Span<float> result)
    {
        if (block.Length < headDim * 2 * BlockGroups || split.Length < offsets.Length * headDim * 2 || result.Length < BlockGroups)
            throw new ArgumentException($"Scoring a block of {headDim} channels needs {headDim * 2 * BlockGroups} bounds, {offsets.Length * headDim * 2} query parts and 16 results; got {block.Length}, {split.Length}, {result.Length}.");
        ScoreRows(ref MemoryMarshal.GetReference(block), ref MemoryMarshal.GetReference(split), offsets, headDim, ref MemoryMarshal.GetReference(result));
    }

    private static void ScoreRows(ref sbyte block, ref float split, ReadOnlySpan<float> offsets, int headDim, ref float result)
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        int row = 0, step = 2 * headDim;
        for (; row + 3 <= offsets.Length; row += 3)
        {
            ref float q = ref Unsafe.Add(ref split, row * step);
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
            for (int i = 0; i < headDim; i++)
            {
                Vector512<float> low = Load16(ref block, (nuint)(i * 32)), high = Load16(ref block, (nuint)((i * 32) + 16));
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, 2 * i)), high, a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, (2 * i) + 1)), low, a1);
                b0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, step + (2 * i))), high, b0);
                b1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, step + (2 * i) + 1)), low, b1);
                c0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, (2 * step) + (2 * i))), high, c0);
                c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, (2 * step) + (2 * i) + 1)), low, c1);
            }
            best = Vector512.Max(best, (a0 + a1) - Vector512.Create(offsets[row]));
            best = Vector512.Max(best, (b0 + b1) - Vector512.Create(offsets[row + 1]));
            best = Vector512.Max(best, (c0 + c1) - Vector512.Create(offsets[row + 2]));
        }
        for (; row < offsets.Length; row++)
        {
            ref float q = ref Unsafe.Add(ref split, row * step);
            Vector512<float> a0 = default, a1 = default;
            for (int i = 0; i < headDim; i++)
            {
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, 2 * i)), Load16(ref block, (nuint)((i * 32) + 16)), a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, (2 * i) + 1)), Load16(ref block, (nuint)(i * 32)), a1);
            }
            best = Vector512.Max(best, (a0 + a1) - Vector512.Create(offsets[row]));
        }
        best.StoreUnsafe(ref result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load16(ref sbyte block, nuint element)
    {
        Vector128<sbyte> raw = Vector128.LoadUnsafe(ref block, element);
        if (Avx512F.IsSupported)
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(raw));
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(raw);
        (Vector128<int> a, Vector128<int> b) = Vector128.Widen(low);
        (Vector128<int> c, Vector128<int> d) = Vector128.Widen(high);
        return Vector512.Create(
            Vector256.Create(Vector128.ConvertToSingle(a), Vector128.ConvertToSingle(b)), Vector256.Create(Vector128.ConvertToSingle(c), Vector128.ConvertToSingle(d)));
    }
}
