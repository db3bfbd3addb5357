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
        int ties = count - CountAbove(values, threshold), written = 0, at = 0;
        ref float v = ref MemoryMarshal.GetReference(values);
        Vector512<float> limit = Vector512.Create(threshold);
        for (; at + 16 <= values.Length; at += 16)
        {
            ulong chosen = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref v, (nuint)at), limit).ExtractMostSignificantBits();
            for (; chosen != 0; chosen &= chosen - 1)
            {
                int i = at + BitOperations.TrailingZeroCount(chosen);
                if (values[i] > threshold || ties-- > 0)
                    indices[written++] = i;
            }
        }
        for (; at < values.Length; at++)
        {
            if (values[at] > threshold || (values[at] == threshold && ties-- > 0))
                indices[written++] = at;
        }
        return written;
    }

    /// <summary>The <paramref name="count"/>-th largest value.</summary>
    /// <param name="values">Values, no NaN, at least <paramref name="count"/>.</param>
    /// <param name="count">1 to the number of values.</param>
    public static float Threshold(ReadOnlySpan<float> values, int count)
    {
        if (CountAbove(values, float.NegativeInfinity) < count)
            return float.NegativeInfinity;
        float lowest = LowestAbove(values, float.NegativeInfinity), highest = System.Numerics.Tensors.TensorPrimitives.Max(values);
        int low = Order(lowest), high = Order(highest); // the answer lies in [low, high]
        if (float.IsFinite(highest))
        {
            // A few steps by value find a small interval; by bits alone most steps would go to tiny exponents around zero.
            float from = lowest, to = highest;
            for (int step = 0; step < 24 && low < high; step++)
            {
                float middle = from + ((to - from) * 0.5f);
                if (middle <= from || middle >= to)
                    break;
                int above = CountAbove(values, middle);
                if (above == count)
                    return LowestAbove(values, middle);
                if (above < count)
                    (to, high) = (middle, Order(middle));
                else
                    (from, low) = (middle, Order(middle) + 1);
            }
        }
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

    private static float LowestAbove(ReadOnlySpan<float> values, float limit)
    {
        ref float v = ref MemoryMarshal.GetReference(values);
        Vector512<float> bound = Vector512.Create(limit), lowest = Vector512.Create(float.PositiveInfinity);
        int i = 0;
        for (; i + 16 <= values.Length; i += 16)
        {
            Vector512<float> x = Vector512.LoadUnsafe(ref v, (nuint)i);
            lowest = Vector512.Min(lowest, Vector512.ConditionalSelect(Vector512.GreaterThan(x, bound), x, Vector512.Create(float.PositiveInfinity)));
        }
        float result = -SoftmaxKernel.MaxOf(-lowest);
        for (; i < values.Length; i++)
            result = values[i] > limit ? MathF.Min(result, values[i]) : result;
        return result;
    }

    // Bits in the order of the numbers; -0 counts as 0.
    private static int Order(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value + 0f);
        return bits < 0 ? ~(bits & 0x7FFFFFFF) : bits;
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
