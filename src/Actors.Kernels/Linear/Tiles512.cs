using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>Dot products of a few activation rows with a few weight rows, for processors with AVX-512.</summary>
/// <remarks>
/// <para>Each of the (activation row, weight row) pairs has one accumulator of 16 lanes. It takes the columns in blocks of 32, in each block first the
/// even and then the odd ones, and is summed by a fixed tree. A pair's result therefore does not depend on the shape of the tile that computed it.</para>
/// <para>Every method: <c>a</c> activations in the order of <see cref="LaneOrder"/>, rows <c>stride</c> floats apart; <c>w</c> weights, rows <c>pitch</c> bytes
/// apart; <c>columns</c> to multiply; <c>y</c> results, rows <c>yStride</c> floats apart, overwritten or added to; <c>tails</c> room for the tile's
/// weight rows of <see cref="TailBytes"/> each; <c>ahead</c> memory to fetch meanwhile: the weights of the next tile, one after the other.</para>
/// </remarks>
internal static unsafe partial class Tiles512
{
    /// <summary>Columns of one step.</summary>
    public const int Block = 32;

    /// <summary>Bytes of the widest weights of one step.</summary>
    public const int TailBytes = Block * sizeof(float);

    /// <summary>1 activation row times 4 weight rows.</summary>
    public static void Tile1x4<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight512
    {
        byte* w1 = w + pitch;
        byte* w2 = w + 2 * pitch;
        byte* w3 = w + 3 * pitch;
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 4, tail * TWeight.Bytes, tails);
        }

        Vector512<float> c00 = Vector512<float>.Zero, c01 = Vector512<float>.Zero, c02 = Vector512<float>.Zero, c03 = Vector512<float>.Zero;
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
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                v = Vector512.Load(a + 16);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
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

    /// <summary>1 activation row times 8 weight rows.</summary>
    public static void Tile1x8<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails, byte* ahead)
        where TWeight : struct, IWideWeight512
    {
        byte* w1 = w + pitch;
        byte* w2 = w + 2 * pitch;
        byte* w3 = w + 3 * pitch;
        byte* w4 = w + 4 * pitch;
        byte* w5 = w + 5 * pitch;
        byte* w6 = w + 6 * pitch;
        byte* w7 = w + 7 * pitch;
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 8, tail * TWeight.Bytes, tails);
        }

        Vector512<float> c00 = Vector512<float>.Zero, c01 = Vector512<float>.Zero, c02 = Vector512<float>.Zero, c03 = Vector512<float>.Zero,
            c04 = Vector512<float>.Zero, c05 = Vector512<float>.Zero, c06 = Vector512<float>.Zero, c07 = Vector512<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector512<float> b0 = TWeight.Even(w);
                Vector512<float> b1 = TWeight.Even(w1);
                Vector512<float> b2 = TWeight.Even(w2);
                Vector512<float> b3 = TWeight.Even(w3);
                Vector512<float> b4 = TWeight.Even(w4);
                Vector512<float> b5 = TWeight.Even(w5);
                Vector512<float> b6 = TWeight.Even(w6);
                Vector512<float> b7 = TWeight.Even(w7);
                Vector512<float> v = Vector512.Load(a);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                c04 = Vector512.FusedMultiplyAdd(v, b4, c04);
                c05 = Vector512.FusedMultiplyAdd(v, b5, c05);
                c06 = Vector512.FusedMultiplyAdd(v, b6, c06);
                c07 = Vector512.FusedMultiplyAdd(v, b7, c07);
                b0 = TWeight.Odd(w);
                b1 = TWeight.Odd(w1);
                b2 = TWeight.Odd(w2);
                b3 = TWeight.Odd(w3);
                b4 = TWeight.Odd(w4);
                b5 = TWeight.Odd(w5);
                b6 = TWeight.Odd(w6);
                b7 = TWeight.Odd(w7);
                v = Vector512.Load(a + 16);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                c02 = Vector512.FusedMultiplyAdd(v, b2, c02);
                c03 = Vector512.FusedMultiplyAdd(v, b3, c03);
                c04 = Vector512.FusedMultiplyAdd(v, b4, c04);
                c05 = Vector512.FusedMultiplyAdd(v, b5, c05);
                c06 = Vector512.FusedMultiplyAdd(v, b6, c06);
                c07 = Vector512.FusedMultiplyAdd(v, b7, c07);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + 64);
                Sse.Prefetch0(ahead + 128);
                Sse.Prefetch0(ahead + 192);
                Sse.Prefetch0(ahead + 256);
                Sse.Prefetch0(ahead + 320);
                Sse.Prefetch0(ahead + 384);
                Sse.Prefetch0(ahead + 448);
                if (TWeight.Bytes == 4)
                {
                    Sse.Prefetch0(ahead + 512);
                    Sse.Prefetch0(ahead + 576);
                    Sse.Prefetch0(ahead + 640);
                    Sse.Prefetch0(ahead + 704);
                    Sse.Prefetch0(ahead + 768);
                    Sse.Prefetch0(ahead + 832);
                    Sse.Prefetch0(ahead + 896);
                    Sse.Prefetch0(ahead + 960);
                }

                ahead += 8 * Block * TWeight.Bytes;
                w += Block * TWeight.Bytes;
                w1 += Block * TWeight.Bytes;
                w2 += Block * TWeight.Bytes;
                w3 += Block * TWeight.Bytes;
                w4 += Block * TWeight.Bytes;
                w5 += Block * TWeight.Bytes;
                w6 += Block * TWeight.Bytes;
                w7 += Block * TWeight.Bytes;
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
            w4 = tails + 4 * TailBytes;
            w5 = tails + 5 * TailBytes;
            w6 = tails + 6 * TailBytes;
            w7 = tails + 7 * TailBytes;
            blocks = 1;
            tail = 0;
        }

        Store4(c00, c01, c02, c03, y, add);
        Store4(c04, c05, c06, c07, y + 4, add);
    }

    /// <summary>1 activation row times 1 weight row.</summary>
    public static void Tile1x1<TWeight>(
        float* a, nint stride, byte* w, nint pitch, int columns, float* y, nint yStride, bool add, byte* tails)
        where TWeight : struct, IWideWeight512
    {
        int blocks = columns / Block, tail = columns % Block;
        if (tail != 0)
        {
            CopyTails(w + blocks * Block * TWeight.Bytes, pitch, 1, tail * TWeight.Bytes, tails);
        }

        Vector512<float> c00 = Vector512<float>.Zero;
        while (true)
        {
            for (; blocks > 0; blocks--)
            {
                Vector512<float> b0 = TWeight.Even(w);
                Vector512<float> v = Vector512.Load(a);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                b0 = TWeight.Odd(w);
                v = Vector512.Load(a + 16);
                c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
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

    private static void Store4(Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, float* y, bool add)
    {
        Vector128<float> sums = Sums(s0, s1, s2, s3);
        (add ? Vector128.Load(y) + sums : sums).Store(y);
    }

    private static void Store1(Vector512<float> s, float* y, bool add)
    {
        float sum = Sums(s, s, s, s).ToScalar();
        *y = add ? *y + sum : sum;
    }

    // Per quarter: (l0 + l2) + (l1 + l3) of each accumulator, the four accumulators side by side; then (q0 + q2) + (q1 + q3) of the quarters.
    private static Vector128<float> Sums(Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        Vector512<float> s01 = Avx512F.UnpackLow(s0, s1) + Avx512F.UnpackHigh(s0, s1);
        Vector512<float> s23 = Avx512F.UnpackLow(s2, s3) + Avx512F.UnpackHigh(s2, s3);
        Vector512<float> quarters = Avx512F.Shuffle(s01, s23, 0b01_00_01_00) + Avx512F.Shuffle(s01, s23, 0b11_10_11_10);
        Vector256<float> halves = quarters.GetLower() + quarters.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }
}
