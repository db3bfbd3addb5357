using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Actors.Kernels;

namespace Actors.Benchmarks.Compute;

/// <summary>What the machine can do at best: the two figures that kernels are held against.</summary>
public static unsafe class MachineLimits
{
    private const int FmaSteps = 20_000;

    /// <summary>Floating-point operations of one call of <see cref="Fma"/>.</summary>
    public static double FmaOperations => (double)FmaSteps * 16 * 2 * (Vector512.IsHardwareAccelerated ? 16 : 8);

    /// <summary>Independent fused multiply-adds that never leave the registers: 16 chains.</summary>
    public static float Fma() => Vector512.IsHardwareAccelerated ? Fma512() : Fma256();

    /// <summary>Reads memory as fast as a plain loop can and does next to nothing with it.</summary>
    public static float Read(byte* data, long bytes)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            return Read256(data, bytes);
        }

        Vector512<int> s0 = default, s1 = default, s2 = default, s3 = default;
        byte* end = data + bytes;
        for (; data + 256 <= end; data += 256)
        {
            Sse.Prefetch0(data + 1024);
            Sse.Prefetch0(data + 1088);
            Sse.Prefetch0(data + 1152);
            Sse.Prefetch0(data + 1216);
            s0 |= Vector512.Load((int*)data);
            s1 |= Vector512.Load((int*)(data + 64));
            s2 |= Vector512.Load((int*)(data + 128));
            s3 |= Vector512.Load((int*)(data + 192));
        }

        return Vector512.Sum(s0 | s1 | (s2 | s3));
    }

    private static float Read256(byte* data, long bytes)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        byte* end = data + bytes;
        for (; data + 128 <= end; data += 128)
        {
            Sse.Prefetch0(data + 1024);
            Sse.Prefetch0(data + 1088);
            s0 |= Vector256.Load((int*)data);
            s1 |= Vector256.Load((int*)(data + 32));
            s2 |= Vector256.Load((int*)(data + 64));
            s3 |= Vector256.Load((int*)(data + 96));
        }

        return Vector256.Sum(s0 | s1 | (s2 | s3));
    }

    private static float Fma512()
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f);
        Vector512<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x, aa = x, ab = x, ac = x, ad = x, ae = x, af = x;
        for (int i = 0; i < FmaSteps; i++)
        {
            a0 = Vector512.FusedMultiplyAdd(a0, x, y);
            a1 = Vector512.FusedMultiplyAdd(a1, x, y);
            a2 = Vector512.FusedMultiplyAdd(a2, x, y);
            a3 = Vector512.FusedMultiplyAdd(a3, x, y);
            a4 = Vector512.FusedMultiplyAdd(a4, x, y);
            a5 = Vector512.FusedMultiplyAdd(a5, x, y);
            a6 = Vector512.FusedMultiplyAdd(a6, x, y);
            a7 = Vector512.FusedMultiplyAdd(a7, x, y);
            a8 = Vector512.FusedMultiplyAdd(a8, x, y);
            a9 = Vector512.FusedMultiplyAdd(a9, x, y);
            aa = Vector512.FusedMultiplyAdd(aa, x, y);
            ab = Vector512.FusedMultiplyAdd(ab, x, y);
            ac = Vector512.FusedMultiplyAdd(ac, x, y);
            ad = Vector512.FusedMultiplyAdd(ad, x, y);
            ae = Vector512.FusedMultiplyAdd(ae, x, y);
            af = Vector512.FusedMultiplyAdd(af, x, y);
        }

        return Vector512.Sum(a0 + a1 + (a2 + a3) + (a4 + a5 + (a6 + a7)) + (a8 + a9 + (aa + ab) + (ac + ad + (ae + af))));
    }

    private static float Fma256()
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(1e-3f);
        Vector256<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x;
        for (int i = 0; i < 2 * FmaSteps; i++)
        {
            a0 = Vector256.FusedMultiplyAdd(a0, x, y);
            a1 = Vector256.FusedMultiplyAdd(a1, x, y);
            a2 = Vector256.FusedMultiplyAdd(a2, x, y);
            a3 = Vector256.FusedMultiplyAdd(a3, x, y);
            a4 = Vector256.FusedMultiplyAdd(a4, x, y);
            a5 = Vector256.FusedMultiplyAdd(a5, x, y);
            a6 = Vector256.FusedMultiplyAdd(a6, x, y);
            a7 = Vector256.FusedMultiplyAdd(a7, x, y);
        }

        return Vector256.Sum(a0 + a1 + (a2 + a3) + (a4 + a5 + (a6 + a7)));
    }
}
