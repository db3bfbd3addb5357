using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>One step of the online softmax over a score tile of 64 tokens. Single-threaded, in place.</summary>
/// <remarks>Source: arXiv:1805.02867 (online normaliser).</remarks>
public static class SoftmaxKernel
{
    /// <summary>
    /// Masks a row of scores, raises the running maximum, and turns the scores into weights: <c>m' = max(m, max s)</c>,
    /// <c>w[t] = exp(s[t] - m')</c> (0 where masked), <c>sum' = sum * exp(m - m') + sum_t w[t]</c>.
    /// </summary>
    /// <param name="scores">[64], replaced by the weights.</param>
    /// <param name="first">First visible token of the tile.</param>
    /// <param name="end">End of the visible tokens, 0 to 64.</param>
    /// <param name="maximum">Running maximum, negative infinity at first.</param>
    /// <param name="sum">Running sum of weights relative to <paramref name="maximum"/>.</param>
    /// <returns>The factor <c>exp(m - m')</c> by which weighted values summed so far must be multiplied; 1 when nothing changed.</returns>
    /// <exception cref="ArgumentException">The span is shorter than 64.</exception>
    public static float Step(Span<float> scores, int first, int end, ref float maximum, ref float sum)
    {
        if (scores.Length < KeyTile.Tokens)
            throw new ArgumentException($"A score tile has 64 elements; got {scores.Length}.", nameof(scores));
        ref float s = ref MemoryMarshal.GetReference(scores);
        Vector512<float> s0 = Vector512.LoadUnsafe(ref s), s1 = Vector512.LoadUnsafe(ref s, 16), s2 = Vector512.LoadUnsafe(ref s, 32), s3 = Vector512.LoadUnsafe(ref s, 48);
        if (first > 0 || end < KeyTile.Tokens)
        {
            Vector512<int> low = Vector512.Create(first), high = Vector512.Create(end), index = Vector512.CreateSequence(0, 1), step = Vector512.Create(16);
            s0 = Mask(s0, index, low, high);
            s1 = Mask(s1, index += step, low, high);
            s2 = Mask(s2, index += step, low, high);
            s3 = Mask(s3, index + step, low, high);
        }
        Vector512<float> top = Vector512.Max(Vector512.Max(s0, s1), Vector512.Max(s2, s3));
        float next = MathF.Max(maximum, MaxOf(top));
        if (next == float.NegativeInfinity)
        {
            scores[..KeyTile.Tokens].Clear();
            return 1;
        }
        Vector512<float> shift = Vector512.Create(next);
        s0 = Exponential.Of(s0 - shift);
        s1 = Exponential.Of(s1 - shift);
        s2 = Exponential.Of(s2 - shift);
        s3 = Exponential.Of(s3 - shift);
        s0.StoreUnsafe(ref s);
        s1.StoreUnsafe(ref s, 16);
        s2.StoreUnsafe(ref s, 32);
        s3.StoreUnsafe(ref s, 48);
        float factor = next == maximum ? 1 : Exponential.Of(maximum - next);
        sum = (sum * factor) + SumOf((s0 + s1) + (s2 + s3));
        maximum = next;
        return factor;
    }

    /// <summary>The largest of 16 scores.</summary>
    /// <param name="scores">At least 16 values.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 16.</exception>
    public static float LargestOf16(ReadOnlySpan<float> scores) => MaxOf(Vector512.Create(scores));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mask(Vector512<float> scores, Vector512<int> index, Vector512<int> low, Vector512<int> high)
        => Vector512.ConditionalSelect(
            (Vector512.GreaterThanOrEqual(index, low) & Vector512.LessThan(index, high)).AsSingle(), scores, Vector512.Create(float.NegativeInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float MaxOf(Vector512<float> value)
    {
        Vector256<float> a = Vector256.Max(value.GetLower(), value.GetUpper());
        Vector128<float> b = Vector128.Max(a.GetLower(), a.GetUpper());
        b = Vector128.Max(b, Vector128.Shuffle(b, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(b[0], b[1]);
    }

    // A tree of fixed shape: the same bits with and without AVX-512.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumOf(Vector512<float> value)
    {
        Vector256<float> a = value.GetLower() + value.GetUpper();
        Vector128<float> b = a.GetLower() + a.GetUpper();
        b += Vector128.Shuffle(b, Vector128.Create(2, 3, 0, 1));
        return b[0] + b[1];
    }
}
