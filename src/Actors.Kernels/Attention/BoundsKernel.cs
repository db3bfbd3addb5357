using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>
/// Upper bounds of the scores inside groups of keys, for 16 groups at a time: <c>bound = sum_i max(q_i min_i, q_i max_i)
/// = sum_i |q_i| (q_i &gt; 0 ? max_i : -min_i)</c>. Maxima and negated minima are 8-bit integers rounded up, the query's magnitudes 8-bit
/// integers rounded to nearest, so that one instruction multiplies and adds pairs of them. Single-threaded.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.10774 (Quest). With an exact query no key of a group scores above its bound; rounding the query moves a bound by at most
/// <c>sum_i |bound_i| step / 2</c>, which orders groups a little differently and changes no score that an answer is made of.
/// </remarks>
public static class BoundsKernel
{
    /// <summary>Groups of a block.</summary>
    public const int BlockGroups = 16;

    /// <summary>Bytes of a block.</summary>
    /// <param name="headDim">Elements per key, even.</param>
    public static int BlockBytes(int headDim) => headDim * 2 * BlockGroups;

    /// <summary>Where a block holds one number of a group: 0 the maximum, 1 the negated minimum.</summary>
    /// <param name="group">Group in the block, 0 to 15.</param>
    /// <param name="channel">Channel, from 0.</param>
    /// <param name="side">0 or 1.</param>
    public static int Offset(int group, int channel, int side) => (channel / 2 * 4 * BlockGroups) + (group * 4) + (channel % 2 * 2) + side;

    /// <summary>Rounds a query's magnitudes, each put where it meets the maximum or the minimum according to its sign.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="steps">[headDim], what one unit of a channel's bounds is worth.</param>
    /// <param name="rounded">[headDim, 2], written.</param>
    /// <returns>What one unit of the integer sums is worth.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static float Round(ReadOnlySpan<float> query, ReadOnlySpan<float> steps, Span<byte> rounded)
    {
        if (steps.Length != query.Length || rounded.Length < 2 * query.Length)
            throw new ArgumentException($"Rounding {query.Length} elements needs as many steps and twice as many results; got {steps.Length} and {rounded.Length}.", nameof(rounded));
        float largest = 0;
        for (int i = 0; i < query.Length; i++)
            largest = MathF.Max(largest, MathF.Abs(query[i] * steps[i]));
        float unit = largest > 0 ? largest / 255 : 1;
        for (int i = 0; i < query.Length; i++)
        {
            byte magnitude = (byte)MathF.Round(MathF.Abs(query[i] * steps[i]) / unit);
            bool positive = query[i] > 0;
            rounded[2 * i] = positive ? magnitude : (byte)0;
            rounded[(2 * i) + 1] = positive ? (byte)0 : magnitude;
        }
        return unit;
    }

    /// <summary>Bounds of a block, reduced over the rows: <c>result[g] = max_row(units[row] * sum[row, g] - offsets[row])</c>.</summary>
    /// <param name="block">[headDim/2, 16 groups, 2 channels, 2 = maximum and negated minimum].</param>
    /// <param name="rounded">[rows, headDim, 2] of <see cref="Round"/>.</param>
    /// <param name="units">[rows] of <see cref="Round"/>.</param>
    /// <param name="offsets">[rows], what a row's scores are measured against, for instance its LSE so far.</param>
    /// <param name="headDim">Elements per key, even.</param>
    /// <param name="result">[16], written.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Score(ReadOnlySpan<sbyte> block, ReadOnlySpan<byte> rounded, ReadOnlySpan<float> units, ReadOnlySpan<float> offsets, int headDim, Span<float> result)
    {
        int rows = offsets.Length;
        if (headDim % 2 != 0 || block.Length < BlockBytes(headDim) || rounded.Length < rows * headDim * 2 || units.Length < rows || result.Length < BlockGroups)
            throw new ArgumentException($"Scoring a block of {headDim} channels for {rows} rows needs {BlockBytes(headDim)} bounds, {rows * headDim * 2} query bytes and 16 results; got {block.Length}, {rounded.Length}, {result.Length}.");
        ref sbyte b = ref MemoryMarshal.GetReference(block);
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        for (int row = 0; row < rows; row++)
        {
            ref byte q = ref Unsafe.Add(ref MemoryMarshal.GetReference(rounded), row * headDim * 2);
            Vector512<int> sum = Avx512BW.IsSupported ? Sum512(ref b, ref q, headDim) : Avx2.IsSupported ? Sum256(ref b, ref q, headDim) : SumScalar(ref b, ref q, headDim);
            best = Vector512.Max(best, (Vector512.ConvertToSingle(sum) * units[row]) - Vector512.Create(offsets[row]));
        }
        best.StoreUnsafe(ref MemoryMarshal.GetReference(result));
    }

    private static Vector512<int> Sum512(ref sbyte b, ref byte q, int headDim)
    {
        Vector512<int> even = default, odd = default;
        Vector512<short> ones = Vector512<short>.One;
        int i = 0;
        for (; i + 4 <= headDim; i += 4)
        {
            even += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Pair512(ref q, i), Vector512.LoadUnsafe(ref b, (nuint)(i * 32))), ones);
            odd += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Pair512(ref q, i + 2), Vector512.LoadUnsafe(ref b, (nuint)((i + 2) * 32))), ones);
        }
        if (i < headDim)
            even += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Pair512(ref q, i), Vector512.LoadUnsafe(ref b, (nuint)(i * 32))), ones);
        return even + odd;
    }

    private static Vector512<int> Sum256(ref sbyte b, ref byte q, int headDim)
    {
        Vector256<int> low = default, high = default;
        Vector256<short> ones = Vector256<short>.One;
        for (int i = 0; i < headDim; i += 2)
        {
            Vector256<byte> pair = Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref q, 2 * i))).AsByte();
            low += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pair, Vector256.LoadUnsafe(ref b, (nuint)(i * 32))), ones);
            high += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(pair, Vector256.LoadUnsafe(ref b, (nuint)((i * 32) + 32))), ones);
        }
        return Vector512.Create(low, high);
    }

    internal static Vector512<int> SumScalar(ref sbyte b, ref byte q, int headDim)
    {
        Span<int> sums = stackalloc int[BlockGroups];
        sums.Clear();
        for (int i = 0; i < headDim; i++)
        {
            for (int group = 0; group < BlockGroups; group++)
            {
                sums[group] += (Unsafe.Add(ref q, 2 * i) * Unsafe.Add(ref b, Offset(group, i, 0)))
                    + (Unsafe.Add(ref q, (2 * i) + 1) * Unsafe.Add(ref b, Offset(group, i, 1)));
            }
        }
        return Vector512.Create<int>(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Pair512(ref byte q, int channel) => Vector512.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref q, 2 * channel))).AsByte();
}
