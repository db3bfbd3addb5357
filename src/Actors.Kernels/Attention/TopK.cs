using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>The largest values of a list, found by bisection on their bits: no sorting, no branch per element. Single-threaded.</summary>
public static class TopK
{
    /// <summary>Indices of the <paramref name="count"/> largest values, ascending; among equal values the first ones win.</summary>
    /// <param name="values">Values, no NaN.</param>
    /// <param name="count">How many; all when there are fewer values.</param>
    /// <param name="indices">Written; at least min(count, values) long.</param>
    /// <returns>How many indices were written.</returns>
    /// <exception cref="ArgumentException"><paramref name="indices"/> is too short.</exception>
    public static int Select(ReadOnlySpan<float> values, int count, Span<int> indices)
    {
        count = Math.Min(count, values.Length);
        if (indices.Length < count)
            throw new ArgumentException($"{count} indices do not fit into {indices.Length}.", nameof(indices));
        if (count <= 0)
            return 0;
        if (count == values.Length)
        {
            for (int i = 0; i < count; i++)
                indices[i] = i;
            return count;
        }
        float threshold = Threshold(values, count);
        int ties = count - CountAbove(values, threshold), written = 0;
        for (int i = 0; i < values.Length && written < count; i++)
        {
            if (values[i] > threshold || (values[i] == threshold && ties-- > 0))
                indices[written++] = i;
        }
        return written;
    }

    /// <summary>The <paramref name="count"/>-th largest value.</summary>
    /// <param name="values">Values, no NaN, at least <paramref name="count"/>.</param>
    /// <param name="count">1 to the number of values.</param>
    public static float Threshold(ReadOnlySpan<float> values, int count)
    {
        int low = int.MinValue, high = int.MaxValue; // order-preserving bits: at least count values lie at or above low, fewer above high
        while (low < high)
        {
            int middle = (int)(((long)low + high) >> 1);
            if (CountAbove(values, FromOrder(middle)) < count)
                high = middle;
            else
                low = middle + 1;
        }
        return FromOrder(low);
    }

    private static float FromOrder(int order)
        => BitConverter.Int32BitsToSingle(Math.Clamp(order, -0x7F800001, 0x7F800000) is var o && o < 0 ? unchecked((int)0x80000000) | ~o : o);

    private static int CountAbove(ReadOnlySpan<float> values, float threshold)
    {
        ref float v = ref MemoryMarshal.GetReference(values);
        int count = 0, i = 0;
        Vector512<float> limit = Vector512.Create(threshold);
        for (; i + 16 <= values.Length; i += 16)
            count += BitOperations.PopCount(Vector512.GreaterThan(Vector512.LoadUnsafe(ref v, (nuint)i), limit).ExtractMostSignificantBits());
        for (; i < values.Length; i++)
            count += values[i] > threshold ? 1 : 0;
        return count;
    }
}
