using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>The order of activations inside a block: first the values with even, then those with odd indices.</summary>
internal static class LaneOrder
{
    public static Vector512<int> Even512 => Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);

    public static Vector512<int> Odd512 => Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);

    /// <summary>Reorders <paramref name="source"/> into <paramref name="target"/> and fills the last block up with zeros.</summary>
    /// <param name="source">Values in natural order.</param>
    /// <param name="target">At least as long as the source rounded up to whole blocks of twice <paramref name="lanes"/>.</param>
    /// <param name="lanes">Lanes of a vector: 16, 8 or 1. With 1 the order stays as it is.</param>
    public static unsafe void Split(ReadOnlySpan<float> source, float* target, int lanes)
    {
        int block = 2 * lanes, i = 0;
        fixed (float* from = source)
        {
            if (lanes == 16)
            {
                for (; i + 32 <= source.Length; i += 32)
                {
                    Vector512<float> lower = Vector512.Load(from + i), upper = Vector512.Load(from + i + 16);
                    Avx512F.PermuteVar16x32x2(lower, Even512, upper).Store(target + i);
                    Avx512F.PermuteVar16x32x2(lower, Odd512, upper).Store(target + i + 16);
                }
            }

            for (; i < source.Length; i += block)
            {
                int have = Math.Min(block, source.Length - i);
                for (int lane = 0; lane < lanes; lane++)
                {
                    target[i + lane] = 2 * lane < have ? from[i + 2 * lane] : 0;
                    target[i + lanes + lane] = 2 * lane + 1 < have ? from[i + 2 * lane + 1] : 0;
                }
            }
        }
    }
}
