using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Kernels;

/// <summary>A tile of 64 values in fp32, [64 tokens, stride], rows padded with zeros to a multiple of 16. Single-threaded; spans must not overlap.</summary>
public static class ValueTile
{
    /// <summary>Floats from one row of the tile to the next.</summary>
    /// <param name="headDim">Elements per value.</param>
    public static int Stride(int headDim) => (headDim + 15) & ~15;

    /// <summary>Widens stored values into rows of the tile and clears the rows after them up to <paramref name="rows"/>.</summary>
    /// <param name="element">Element type of <paramref name="values"/>.</param>
    /// <param name="values">[valid, headDim].</param>
    /// <param name="headDim">Elements per value.</param>
    /// <param name="firstRow">First row of the tile, 0 to 63.</param>
    /// <param name="valid">Rows to widen, at most <paramref name="rows"/>.</param>
    /// <param name="rows">Rows to define; those past <paramref name="valid"/> become zero, because memory never written may hold NaN.</param>
    /// <param name="tile">[64, <see cref="Stride"/>].</param>
    /// <exception cref="ArgumentException">A span is too short or the rows are out of range.</exception>
    public static void Widen(KvElement element, ReadOnlySpan<byte> values, int headDim, int firstRow, int valid, int rows, Span<float> tile)
    {
        int stride = Stride(headDim), bytes = valid * headDim * (element == KvElement.Float32 ? 4 : 2);
        if (headDim <= 0 || valid < 0 || valid > rows || firstRow < 0 || firstRow + rows > KeyTile.Tokens || values.Length < bytes || tile.Length < (firstRow + rows) * stride)
            throw new ArgumentException($"Widening {valid} of {rows} rows of {headDim} at row {firstRow} needs {bytes} bytes and {(firstRow + rows) * stride} floats; got {values.Length} and {tile.Length}.");
        ref byte source = ref MemoryMarshal.GetReference(values);
        ref float destination = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), firstRow * stride);
        switch (element)
        {
            case KvElement.Float16: WidenRows<Float16Load>(ref source, headDim, stride, valid, ref destination); break;
            case KvElement.BFloat16: WidenRows<BFloat16Load>(ref source, headDim, stride, valid, ref destination); break;
            default: WidenRows<Float32Load>(ref source, headDim, stride, valid, ref destination); break;
        }
        tile.Slice((firstRow + valid) * stride, (rows - valid) * stride).Clear();
    }

    private static void WidenRows<TLoad>(ref byte source, int headDim, int stride, int rows, ref float destination)
        where TLoad : struct, IElementLoad
    {
        int whole = headDim & ~15;
        for (int row = 0; row < rows; row++)
        {
            int from = row * headDim, to = row * stride, i = 0;
            for (; i < whole; i += 16)
                System.Runtime.Intrinsics.Vector512.StoreUnsafe(TLoad.Load16(ref source, (nuint)(from + i)), ref destination, (nuint)(to + i));
            for (; i < headDim; i++)
                Unsafe.Add(ref destination, to + i) = TLoad.Load(ref source, (nuint)(from + i));
            for (; i < stride; i++)
                Unsafe.Add(ref destination, to + i) = 0;
        }
    }
}
