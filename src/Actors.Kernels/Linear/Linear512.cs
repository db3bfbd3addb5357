using System.Runtime.CompilerServices;

namespace Actors.Kernels;

/// <summary>Cuts a product into the tiles of <see cref="Tiles512"/>.</summary>
internal static unsafe class Linear512
{
    [SkipLocalsInit] // The tails are cleared where they are used.
    public static void Multiply<TWeight>(in Panel p)
        where TWeight : struct, IWideWeight512
    {
        byte* tails = stackalloc byte[8 * Tiles512.TailBytes];
        int block = Linear.ColumnBlock(p.Inputs), n = 0;
        if (p.Rows == 1)
        {
            for (; n + 8 <= p.Outputs; n += 8)
            {
                for (int k = 0; k < p.Inputs; k += block)
                {
                    MultiplyRow<TWeight>(p, n, k, Math.Min(block, p.Inputs - k), tails);
                }
            }
        }
        else if (p.Rows < Linear.ManyRows)
        {
            // The weights are what costs: each tile of them is used for all rows while the next one is fetched.
            for (; n + 4 <= p.Outputs; n += 4)
            {
                for (int k = 0; k < p.Inputs; k += block)
                {
                    MultiplyRows<TWeight>(p, n, n + 4, k, Math.Min(block, p.Inputs - k), tails);
                }
            }
        }
        else
        {
            // The arithmetic is what costs: a block of a few rows stays in the first-level cache, the weights' panel in the second.
            n = p.Outputs / 4 * 4;
            for (int k = 0; k < p.Inputs; k += block)
            {
                MultiplyRows<TWeight>(p, 0, n, k, Math.Min(block, p.Inputs - k), tails);
            }
        }

        for (; n < p.Outputs; n++)
        {
            MultiplyOutput<TWeight>(p, n, block, tails);
        }
    }

    private static void MultiplyRow<TWeight>(in Panel p, int n, int k, int columns, byte* tails)
        where TWeight : struct, IWideWeight512
    {
        byte* weights = p.Weights + n * p.Pitch + (nint)k * TWeight.Bytes;
        byte* ahead = p.Weights + (n + 8) * p.Pitch + (nint)k * 8 * TWeight.Bytes;
        Tiles512.Tile1x8<TWeight>(p.Input + k, 0, weights, p.Pitch, columns, p.Results + n, 0, p.Add || k > 0, tails, ahead);
    }

    /// <summary>All activation rows with one block of columns of the weight rows [<paramref name="first"/>, <paramref name="end"/>), whole tiles.</summary>
    private static void MultiplyRows<TWeight>(in Panel p, int first, int end, int k, int columns, byte* tails)
        where TWeight : struct, IWideWeight512
    {
        bool add = p.Add || k > 0;
        nint pitch = p.Pitch;
        for (int row = 0, height; row < p.Rows; row += height)
        {
            int left = p.Rows - row;
            height = left >= 6 ? 6 : left >= 2 ? 2 : 1;
            float* a = p.Input + (nint)row * p.InputStride + k;
            float* y = p.Results + (nint)row * p.ResultStride;
            for (int n = first; n < end; n += 4)
            {
                byte* w = p.Weights + n * pitch + (nint)k * TWeight.Bytes;
                byte* ahead = p.Weights + (n + 4) * pitch + (nint)k * 4 * TWeight.Bytes;
                if (height == 6) Tiles512.Tile6x4<TWeight>(a, p.InputStride, w, pitch, columns, y + n, p.ResultStride, add, tails, ahead);
                else if (height == 2) Tiles512.Tile2x4<TWeight>(a, p.InputStride, w, pitch, columns, y + n, p.ResultStride, add, tails, ahead);
                else Tiles512.Tile1x4<TWeight>(a, p.InputStride, w, pitch, columns, y + n, p.ResultStride, add, tails, ahead);
            }
        }
    }

    /// <summary>All activation rows with one weight row.</summary>
    private static void MultiplyOutput<TWeight>(in Panel p, int n, int block, byte* tails)
        where TWeight : struct, IWideWeight512
    {
        for (int row = 0; row < p.Rows; row++)
        {
            float* a = p.Input + (nint)row * p.InputStride;
            float* y = p.Results + (nint)row * p.ResultStride + n;
            for (int k = 0; k < p.Inputs; k += block)
            {
                byte* w = p.Weights + n * p.Pitch + (nint)k * TWeight.Bytes;
                Tiles512.Tile1x1<TWeight>(a + k, 0, w, 0, Math.Min(block, p.Inputs - k), y, 0, p.Add || k > 0, tails);
            }
        }
    }
}
