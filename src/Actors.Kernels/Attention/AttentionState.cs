namespace Actors.Kernels;

/// <summary>
/// Merging partial attention results. A partial result over a subset of keys is its softmax-weighted value and the natural logarithm of
/// its softmax denominator (LSE), both fp32; an empty subset is (zeros, negative infinity). Any partition of the keys gives the whole.
/// </summary>
public static class AttentionState
{
    /// <summary>Merges another partial result over disjoint keys into this one.</summary>
    /// <param name="output">[headDim], updated in place.</param>
    /// <param name="lse">LSE of <paramref name="output"/>, natural logarithm, updated.</param>
    /// <param name="other">[headDim], must not overlap <paramref name="output"/>.</param>
    /// <param name="otherLse">LSE of <paramref name="other"/>; negative infinity changes nothing.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Merge(Span<float> output, ref float lse, ReadOnlySpan<float> other, float otherLse)
    {
        if (output.Length != other.Length)
            throw new ArgumentException($"Partial results of different lengths cannot be merged: {output.Length} and {other.Length}.", nameof(other));
        if (otherLse == float.NegativeInfinity)
            return; // exp(-inf - -inf) would be NaN
        float maximum = MathF.Max(lse, otherLse);
        float a = MathF.Exp(lse - maximum), b = MathF.Exp(otherLse - maximum), sum = a + b;
        a /= sum;
        b /= sum;
        for (int i = 0; i < output.Length; i++)
            output[i] = (output[i] * a) + (other[i] * b);
        lse = maximum + MathF.Log(sum);
    }
}
