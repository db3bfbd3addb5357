using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

// The tiles of several activation rows.
internal static unsafe partial class Tiles512
{
    /// <summary>6 activation rows times 4 weight rows.</summary>
    public static void Tile6x4<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight512
    {
        byte* w1 = w + pitch;
        byte* w2 = w + 2 * pitch;
        byte* w3 = w + 3 * pitch;
        float* a1 = a + stride;
        float* a2 = a + 2 * stride;
        float* a3 = a + 3 * stride;
        float* a4 = a + 4 * stride;
        float* a5 = a + 5 * stride;
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 4, tail * TWeight.Bytes, tails);
        }

        Vector512<float> c00 = Vector512<float>.Zero, c01 = Vector512<float>.Zero, c02 = Vector512<float>.Zero, c03 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero, c11 = Vector512<float>.Zero, c12 = Vector512<float>.Zero, c13 = Vector512<float>.Zero;
        Vector512<float> c20 = Vector512<float>.Zero, c21 = Vector512<float>.Zero, c22 = Vector512<float>.Zero, c23 = Vector512<float>.Zero;
        Vector512<float> c30 = Vector512<float>.Zero, c31 = Vector512<float>.Zero, c32 = Vector512<float>.Zero, c33 = Vector512<float>.Zero;
        Vector512<float> c40 = Vector512<float>.Zero, c41 = Vector512<float>.Zero, c42 = Vector512<float>.Zero, c43 = Vector512<float>.Zero;
        Vector512<float> c50 = Vector512<float>.Zero, c51 = Vector512<float>.Zero, c52 = Vector512<float>.Zero, c53 = Vector512<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector512<float> b0 = TWeight.Even(w);
                Vector512<float> b1 = TWeight.Even(w1);
                Vector512<float> b2 = TWeight.Even(w2);
                Vector512<float> b3 = TWeight.Even(w3);
                Vector512<float> v = Vector512.Load(a);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                v = Vector512.Load(a1);
                c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector512.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector512.FusedMultiplyAdd(v, b3, c13);
                v = Vector512.Load(a2);
                c20 = Vector512.FusedMultiplyAdd(v, b0, c20);
                c21 = Vector512.FusedMultiplyAdd(v, b1, c21);
                c22 = Vector512.FusedMultiplyAdd(v, b2, c22);
                c23 = Vector512.FusedMultiplyAdd(v, b3, c23);
                v = Vector512.Load(a3);
                c30 = Vector512.FusedMultiplyAdd(v, b0, c30);
                c31 = Vector512.FusedMultiplyAdd(v, b1, c31);
                c32 = Vector512.FusedMultiplyAdd(v, b2, c32);
                c33 = Vector512.FusedMultiplyAdd(v, b3, c33);
                v = Vector512.Load(a4);
                c40 = Vector512.FusedMultiplyAdd(v, b0, c40);
                c41 = Vector512.FusedMultiplyAdd(v, b1, c41);
                c42 = Vector512.FusedMultiplyAdd(v, b2, c42);
                c43 = Vector512.FusedMultiplyAdd(v, b3, c43);
                v = Vector512.Load(a5);
                c50 = Vector512.FusedMultiplyAdd(v, b0, c50);
                c51 = Vector512.FusedMultiplyAdd(v, b1, c51);
                c52 = Vector512.FusedMultiplyAdd(v, b2, c52);
                c53 = Vector512.FusedMultiplyAdd(v, b3, c53);
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                v = Vector512.Load(a + 16);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                v = Vector512.Load(a1 + 16);
                c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector512.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector512.FusedMultiplyAdd(v, b3, c13);
                v = Vector512.Load(a2 + 16);
                c20 = Vector512.FusedMultiplyAdd(v, b0, c20);
                c21 = Vector512.FusedMultiplyAdd(v, b1, c21);
                c22 = Vector512.FusedMultiplyAdd(v, b2, c22);
                c23 = Vector512.FusedMultiplyAdd(v, b3, c23);
                v = Vector512.Load(a3 + 16);
                c30 = Vector512.FusedMultiplyAdd(v, b0, c30);
                c31 = Vector512.FusedMultiplyAdd(v, b1, c31);
                c32 = Vector512.FusedMultiplyAdd(v, b2, c32);
                c33 = Vector512.FusedMultiplyAdd(v, b3, c33);
                v = Vector512.Load(a4 + 16);
                c40 = Vector512.FusedMultiplyAdd(v, b0, c40);
                c41 = Vector512.FusedMultiplyAdd(v, b1, c41);
                c42 = Vector512.FusedMultiplyAdd(v, b2, c42);
                c43 = Vector512.FusedMultiplyAdd(v, b3, c43);
                v = Vector512.Load(a5 + 16);
                c50 = Vector512.FusedMultiplyAdd(v, b0, c50);
                c51 = Vector512.FusedMultiplyAdd(v, b1, c51);
                c52 = Vector512.FusedMultiplyAdd(v, b2, c52);
                c53 = Vector512.FusedMultiplyAdd(v, b3, c53);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + 64);
                Sse.Prefetch0(ahead + 128);
                Sse.Prefetch0(ahead + 192);
                if (TWeight.Bytes == 4)
                {
                    Sse.Prefetch0(ahead + 256);
                    Sse.Prefetch0(ahead + 320);
                    Sse.Prefetch0(ahead + 384);
                    Sse.Prefetch0(ahead + 448);
                }

                ahead += 4 * Block * TWeight.Bytes;
                w += Block * TWeight.Bytes;
                w1 += Block * TWeight.Bytes;
                w2 += Block * TWeight.Bytes;
                w3 += Block * TWeight.Bytes;
                a += Block;
                a1 += Block;
                a2 += Block;
                a3 += Block;
                a4 += Block;
                a5 += Block;
            }

            if (tail == 0)
            {
                break;
            }

            w = tails;
            w1 = tails + TailBytes;
            w2 = tails + 2 * TailBytes;
            w3 = tails + 3 * TailBytes;
            blocks = 1;
            tail = 0;
        }

        Store4(c00, c01, c02, c03, y, add);
        Store4(c10, c11, c12, c13, y + yStride, add);
        Store4(c20, c21, c22, c23, y + 2 * yStride, add);
        Store4(c30, c31, c32, c33, y + 3 * yStride, add);
        Store4(c40, c41, c42, c43, y + 4 * yStride, add);
        Store4(c50, c51, c52, c53, y + 5 * yStride, add);
    }

    /// <summary>2 activation rows times 4 weight rows.</summary>
    public static void Tile2x4<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight512
    {
        byte* w1 = w + pitch;
        byte* w2 = w + 2 * pitch;
        byte* w3 = w + 3 * pitch;
        float* a1 = a + stride;
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 4, tail * TWeight.Bytes, tails);
        }

        Vector512<float> c00 = Vector512<float>.Zero, c01 = Vector512<float>.Zero, c02 = Vector512<float>.Zero, c03 = Vector512<float>.Zero;
        Vector512<float> c10 = Vector512<float>.Zero, c11 = Vector512<float>.Zero, c12 = Vector512<float>.Zero, c13 = Vector512<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector512<float> b0 = TWeight.Even(w);
                Vector512<float> b1 = TWeight.Even(w1);
                Vector512<float> b2 = TWeight.Even(w2);
                Vector512<float> b3 = TWeight.Even(w3);
                Vector512<float> v = Vector512.Load(a);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                v = Vector512.Load(a1);
                c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector512.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector512.FusedMultiplyAdd(v, b3, c13);
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                v = Vector512.Load(a + 16);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                v = Vector512.Load(a1 + 16);
                c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector512.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector512.FusedMultiplyAdd(v, b3, c13);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + 64);
                Sse.Prefetch0(ahead + 128);
                Sse.Prefetch0(ahead + 192);
                if (TWeight.Bytes == 4)
                {
                    Sse.Prefetch0(ahead + 256);
                    Sse.Prefetch0(ahead + 320);
                    Sse.Prefetch0(ahead + 384);
                    Sse.Prefetch0(ahead + 448);
                }

                ahead += 4 * Block * TWeight.Bytes;
                w += Block * TWeight.Bytes;
                w1 += Block * TWeight.Bytes;
                w2 += Block * TWeight.Bytes;
                w3 += Block * TWeight.Bytes;
                a += Block;
                a1 += Block;
            }

            if (tail == 0)
            {
                break;
            }

            w = tails;
            w1 = tails + TailBytes;
            w2 = tails + 2 * TailBytes;
            w3 = tails + 3 * TailBytes;
            blocks = 1;
            tail = 0;
        }

        Store4(c00, c01, c02, c03, y, add);
        Store4(c10, c11, c12, c13, y + yStride, add);
    }
}
