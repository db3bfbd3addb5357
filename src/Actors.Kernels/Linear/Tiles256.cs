using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>As <see cref="Tiles512"/> with 8 lanes and blocks of 16 columns, for processors with AVX2 and FMA.</summary>
internal static unsafe class Tiles256
{
    /// <summary>Columns of one step.</summary>
    public const int Block = 16;

    /// <summary>Bytes of the widest weights of one step.</summary>
    public const int TailBytes = Block * sizeof(float);

    /// <summary>2 activation rows times 4 weight rows.</summary>
    public static void Tile2x4<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight256
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

        Vector256<float> c00 = Vector256<float>.Zero, c01 = Vector256<float>.Zero, c02 = Vector256<float>.Zero, c03 = Vector256<float>.Zero;
        Vector256<float> c10 = Vector256<float>.Zero, c11 = Vector256<float>.Zero, c12 = Vector256<float>.Zero, c13 = Vector256<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector256<float> b0 = TWeight.Even(w);
                Vector256<float> b1 = TWeight.Even(w1);
                Vector256<float> b2 = TWeight.Even(w2);
                Vector256<float> b3 = TWeight.Even(w3);
                Vector256<float> v = Vector256.Load(a);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector256.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector256.FusedMultiplyAdd(v, b3, c03);
                v = Vector256.Load(a1);
                c10 = Vector256.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector256.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector256.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector256.FusedMultiplyAdd(v, b3, c13);
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                v = Vector256.Load(a + 8);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector256.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector256.FusedMultiplyAdd(v, b3, c03);
                v = Vector256.Load(a1 + 8);
                c10 = Vector256.FusedMultiplyAdd(v, b0, c10);
                c11 = Vector256.FusedMultiplyAdd(v, b1, c11);
                c12 = Vector256.FusedMultiplyAdd(v, b2, c12);
                c13 = Vector256.FusedMultiplyAdd(v, b3, c13);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + 64);
                if (TWeight.Bytes == 4)
                {
                    Sse.Prefetch0(ahead + 128);
                    Sse.Prefetch0(ahead + 192);
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

    /// <summary>1 activation row times 4 weight rows.</summary>
    public static void Tile1x4<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight256
    {
        byte* w1 = w + pitch;
        byte* w2 = w + 2 * pitch;
        byte* w3 = w + 3 * pitch;
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 4, tail * TWeight.Bytes, tails);
        }

        Vector256<float> c00 = Vector256<float>.Zero, c01 = Vector256<float>.Zero, c02 = Vector256<float>.Zero, c03 = Vector256<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector256<float> b0 = TWeight.Even(w);
                Vector256<float> b1 = TWeight.Even(w1);
                Vector256<float> b2 = TWeight.Even(w2);
                Vector256<float> b3 = TWeight.Even(w3);
                Vector256<float> v = Vector256.Load(a);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector256.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector256.FusedMultiplyAdd(v, b3, c03);
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                v = Vector256.Load(a + 8);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector256.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector256.FusedMultiplyAdd(v, b3, c03);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + 64);
                if (TWeight.Bytes == 4)
                {
                    Sse.Prefetch0(ahead + 128);
                    Sse.Prefetch0(ahead + 192);
                }

                ahead += 4 * Block * TWeight.Bytes;
                w += Block * TWeight.Bytes;
                w1 += Block * TWeight.Bytes;
                w2 += Block * TWeight.Bytes;
                w3 += Block * TWeight.Bytes;
                a += Block;
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
    }

    /// <summary>1 activation row times 1 weight row.</summary>
    public static void Tile1x1<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails)
        where TWeight : struct, IWideWeight256
    {
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 1, tail * TWeight.Bytes, tails);
        }

        Vector256<float> c00 = Vector256<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector256<float> b0 = TWeight.Even(w);
                Vector256<float> v = Vector256.Load(a);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                b0 = TWeight.Odd(w);
                v = Vector256.Load(a + 8);
                c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                w += Block * TWeight.Bytes;
                a += Block;
            }

            if (tail == 0)
            {
                break;
            }

            w = tails;
            blocks = 1;
            tail = 0;
        }

        Store1(c00, y, add);
    }

    private static void CopyTails(byte* weights, nint pitch, int rows, int bytes, byte* tails)
    {
        for (int row = 0; row < rows; row++)
        {
            var room = new Span<byte>(tails + row * TailBytes, TailBytes);
            new ReadOnlySpan<byte>(weights + row * pitch, bytes).CopyTo(room);
            room[bytes..].Clear();
        }
    }

    private static void Store4(Vector256<float> s0, Vector256<float> s1, Vector256<float> s2, Vector256<float> s3, float* y, bool add)
    {
        Vector128<float> sums = Sums(s0, s1, s2, s3);
        (add ? Vector128.Load(y) + sums : sums).Store(y);
    }

    private static void Store1(Vector256<float> s, float* y, bool add)
    {
        float sum = Sums(s, s, s, s).ToScalar();
        *y = add ? *y + sum : sum;
    }

    // Per half: (l0 + l2) + (l1 + l3) of each accumulator, the four accumulators side by side; then the two halves.
    private static Vector128<float> Sums(Vector256<float> s0, Vector256<float> s1, Vector256<float> s2, Vector256<float> s3)
    {
        Vector256<float> s01 = Avx.UnpackLow(s0, s1) + Avx.UnpackHigh(s0, s1);
        Vector256<float> s23 = Avx.UnpackLow(s2, s3) + Avx.UnpackHigh(s2, s3);
        Vector256<float> halves = Avx.Shuffle(s01, s23, 0b01_00_01_00) + Avx.Shuffle(s01, s23, 0b11_10_11_10);
        return halves.GetLower() + halves.GetUpper();
    }
}
