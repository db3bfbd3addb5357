using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// Upper bounds of the scores inside groups of keys: <c>bound = sum_i max(q_i min_i, q_i max_i)</c>, for 16 groups at a time in column
/// layout. No key of a group scores above its bound. Single-threaded.
/// </summary>
/// <remarks>Source: arXiv:2406.10774 (Quest); here the columns hold 16 groups, and parents over 16 groups are scored the same way.</remarks>
public static class BoundsKernel
{
    /// <summary>Groups of a block.</summary>
    public const int BlockGroups = 16;

    /// <summary>Splits queries into their positive and negative parts, which pick the maximum or the minimum of a channel.</summary>
    /// <param name="queries">[rows, headDim].</param>
    /// <param name="split">[rows, headDim, 2] as positive, negative; written.</param>
    /// <exception cref="ArgumentException"><paramref name="split"/> is shorter than twice the queries.</exception>
    public static void Split(ReadOnlySpan<float> queries, Span<float> split)
    {
        if (split.Length < 2 * queries.Length)
            throw new ArgumentException($"Splitting {queries.Length} elements needs twice as many; got {split.Length}.", nameof(split));
        for (int i = 0; i < queries.Length; i++)
        {
            split[2 * i] = MathF.Max(queries[i], 0);
            split[(2 * i) + 1] = MathF.Min(queries[i], 0);
        }
    }

    /// <summary>Bounds of a block, reduced over the rows: <c>result[g] = max_row(bound[row, g] - offsets[row])</c>.</summary>
    /// <param name="element">Element type of the block.</param>
    /// <param name="block">[headDim, 2 = min and max, 16 groups].</param>
    /// <param name="split">[rows, headDim, 2] of <see cref="Split"/>.</param>
    /// <param name="offsets">[rows], what a row's scores are measured against, for instance its LSE so far.</param>
    /// <param name="headDim">Elements per key.</param>
    /// <param name="result">[16], written.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Score(KvElement element, ReadOnlySpan<byte> block, ReadOnlySpan<float> split, ReadOnlySpan<float> offsets, int headDim, Span<float> result)
    {
        int bytes = headDim * 2 * BlockGroups * (element == KvElement.Float32 ? 4 : 2);
        if (block.Length < bytes || split.Length < offsets.Length * headDim * 2 || result.Length < BlockGroups)
            throw new ArgumentException($"Scoring a block of {headDim} channels needs {bytes} bytes, {offsets.Length * headDim * 2} query parts and 16 results; got {block.Length}, {split.Length}, {result.Length}.");
        ref byte b = ref MemoryMarshal.GetReference(block);
        ref float q = ref MemoryMarshal.GetReference(split);
        ref float r = ref MemoryMarshal.GetReference(result);
        switch (element)
        {
            case KvElement.Float16: ScoreRows<Float16Load>(ref b, ref q, offsets, headDim, ref r); break;
            case KvElement.BFloat16: ScoreRows<BFloat16Load>(ref b, ref q, offsets, headDim, ref r); break;
            default: ScoreRows<Float32Load>(ref b, ref q, offsets, headDim, ref r); break;
        }
    }

    private static void ScoreRows<TLoad>(ref byte block, ref float split, ReadOnlySpan<float> offsets, int headDim, ref float result)
        where TLoad : struct, IElementLoad
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        int row = 0, step = 2 * headDim;
        for (; row + 3 <= offsets.Length; row += 3)
        {
            ref float q = ref Unsafe.Add(ref split, row * step);
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
            for (int i = 0; i < headDim; i++)
            {
                Vector512<float> low = TLoad.Load16(ref block, (nuint)(i * 32)), high = TLoad.Load16(ref block, (nuint)((i * 32) + 16));
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
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, 2 * i)), TLoad.Load16(ref block, (nuint)((i * 32) + 16)), a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref q, (2 * i) + 1)), TLoad.Load16(ref block, (nuint)(i * 32)), a1);
            }
            best = Vector512.Max(best, (a0 + a1) - Vector512.Create(offsets[row]));
        }
        best.StoreUnsafe(ref result);
    }
}
