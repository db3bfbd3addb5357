using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Attention;

/// <summary>Products and distances of two rows, in one fixed order of sums, so that every index gives a key the same score to the bit.</summary>
internal static class RowKernel
{
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref float x = ref MemoryMarshal.GetReference(a);
        ref float y = ref MemoryMarshal.GetReference(b);
        Vector512<float> even = default, odd = default;
        int i = 0;
        for (; i + 32 <= a.Length; i += 32)
        {
            even = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), even);
            odd = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, (nuint)(i + 16)), Vector512.LoadUnsafe(ref y, (nuint)(i + 16)), odd);
        }
        if (i + 16 <= a.Length)
        {
            even = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), even);
            i += 16;
        }
        float sum = Vector512.Sum(even + odd);
        for (; i < a.Length; i++)
            sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref x, i), Unsafe.Add(ref y, i), sum);
        return sum;
    }

    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref float x = ref MemoryMarshal.GetReference(a);
        ref float y = ref MemoryMarshal.GetReference(b);
        Vector512<float> even = default, odd = default;
        int i = 0;
        for (; i + 32 <= a.Length; i += 32)
        {
            Vector512<float> low = Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.LoadUnsafe(ref y, (nuint)i);
            Vector512<float> high = Vector512.LoadUnsafe(ref x, (nuint)(i + 16)) - Vector512.LoadUnsafe(ref y, (nuint)(i + 16));
            even = Vector512.FusedMultiplyAdd(low, low, even);
            odd = Vector512.FusedMultiplyAdd(high, high, odd);
        }
        if (i + 16 <= a.Length)
        {
            Vector512<float> low = Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.LoadUnsafe(ref y, (nuint)i);
            even = Vector512.FusedMultiplyAdd(low, low, even);
            i += 16;
        }
        float sum = Vector512.Sum(even + odd);
        for (; i < a.Length; i++)
            sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref x, i) - Unsafe.Add(ref y, i), Unsafe.Add(ref x, i) - Unsafe.Add(ref y, i), sum);
        return sum;
    }

    /// <summary>The largest of 64 values; of equal ones the first.</summary>
    public static (int Index, float Value) Largest(ReadOnlySpan<float> values)
    {
        ref float v = ref MemoryMarshal.GetReference(values[..64]);
        Vector512<float> a = Vector512.LoadUnsafe(ref v), b = Vector512.LoadUnsafe(ref v, 16), c = Vector512.LoadUnsafe(ref v, 32), d = Vector512.LoadUnsafe(ref v, 48);
        Vector512<float> all = Vector512.Max(Vector512.Max(a, b), Vector512.Max(c, d));
        Vector256<float> half = Vector256.Max(all.GetLower(), all.GetUpper());
        Vector128<float> four = Vector128.Max(half.GetLower(), half.GetUpper());
        float largest = MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
        Vector512<float> same = Vector512.Create(largest);
        ulong where = Vector512.Equals(a, same).ExtractMostSignificantBits() | (Vector512.Equals(b, same).ExtractMostSignificantBits() << 16)
            | (Vector512.Equals(c, same).ExtractMostSignificantBits() << 32) | (Vector512.Equals(d, same).ExtractMostSignificantBits() << 48);
        return (System.Numerics.BitOperations.TrailingZeroCount(where), largest);
    }
}
