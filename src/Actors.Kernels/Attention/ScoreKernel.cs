using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// Scores of query rows against a key tile: <c>scores[row, t] = sum_i queries[row, i] * tile[i, t]</c>, i ascending, one fused
/// multiply-add per term, so that a row's bits do not depend on how many rows are computed together. Single-threaded.
/// </summary>
public static class ScoreKernel
{
    /// <summary>Scores all rows.</summary>
    /// <param name="queries">[rows, headDim], already scaled by 1/sqrt(headDim) and rotated.</param>
    /// <param name="tile">[headDim, 64] of <see cref="KeyTile"/>.</param>
    /// <param name="rows">Query rows.</param>
    /// <param name="headDim">Elements per row.</param>
    /// <param name="scores">[rows, 64], written; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static void Score(ReadOnlySpan<float> queries, ReadOnlySpan<float> tile, int rows, int headDim, Span<float> scores)
    {
        if (queries.Length < rows * headDim || tile.Length < headDim * KeyTile.Tokens || scores.Length < rows * KeyTile.Tokens)
            throw new ArgumentException($"Scoring {rows} rows of {headDim} needs {rows * headDim}, {headDim * KeyTile.Tokens} and {rows * KeyTile.Tokens} floats; got {queries.Length}, {tile.Length}, {scores.Length}.");
        ref float q = ref MemoryMarshal.GetReference(queries);
        ref float k = ref MemoryMarshal.GetReference(tile);
        ref float s = ref MemoryMarshal.GetReference(scores);
        int row = 0;
        for (; row + 4 <= rows; row += 4)
            FourRows(ref Unsafe.Add(ref q, row * headDim), ref k, headDim, ref Unsafe.Add(ref s, row * KeyTile.Tokens));
        for (; row < rows; row++)
            OneRow(ref Unsafe.Add(ref q, row * headDim), ref k, headDim, ref Unsafe.Add(ref s, row * KeyTile.Tokens));
    }

    private static void FourRows(ref float q, ref float k, int headDim, ref float s)
    {
        // Half a tile at a time: 4 rows x 2 vectors leave registers for the operands.
        for (int half = 0; half < KeyTile.Tokens; half += 32)
        {
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            ref float key = ref Unsafe.Add(ref k, half);
            for (int i = 0; i < headDim; i++)
            {
                Vector512<float> k0 = Vector512.LoadUnsafe(ref key), k1 = Vector512.LoadUnsafe(ref key, 16);
                Vector512<float> x = Vector512.Create(Unsafe.Add(ref q, i));
                a0 = Vector512.FusedMultiplyAdd(x, k0, a0);
                a1 = Vector512.FusedMultiplyAdd(x, k1, a1);
                x = Vector512.Create(Unsafe.Add(ref q, headDim + i));
                b0 = Vector512.FusedMultiplyAdd(x, k0, b0);
                b1 = Vector512.FusedMultiplyAdd(x, k1, b1);
                x = Vector512.Create(Unsafe.Add(ref q, (2 * headDim) + i));
                c0 = Vector512.FusedMultiplyAdd(x, k0, c0);
                c1 = Vector512.FusedMultiplyAdd(x, k1, c1);
                x = Vector512.Create(Unsafe.Add(ref q, (3 * headDim) + i));
                d0 = Vector512.FusedMultiplyAdd(x, k0, d0);
                d1 = Vector512.FusedMultiplyAdd(x, k1, d1);
                key = ref Unsafe.Add(ref key, KeyTile.Tokens);
            }
            ref float t = ref Unsafe.Add(ref s, half);
            a0.StoreUnsafe(ref t);
            a1.StoreUnsafe(ref t, 16);
            b0.StoreUnsafe(ref t, KeyTile.Tokens);
            b1.StoreUnsafe(ref t, KeyTile.Tokens + 16);
            c0.StoreUnsafe(ref t, 2 * KeyTile.Tokens);
            c1.StoreUnsafe(ref t, (2 * KeyTile.Tokens) + 16);
            d0.StoreUnsafe(ref t, 3 * KeyTile.Tokens);
            d1.StoreUnsafe(ref t, (3 * KeyTile.Tokens) + 16);
        }
    }

    private static void OneRow(ref float q, ref float k, int headDim, ref float s)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        for (int i = 0; i < headDim; i++)
        {
            Vector512<float> x = Vector512.Create(Unsafe.Add(ref q, i));
            a0 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref k), a0);
            a1 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref k, 16), a1);
            a2 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref k, 32), a2);
            a3 = Vector512.FusedMultiplyAdd(x, Vector512.LoadUnsafe(ref k, 48), a3);
            k = ref Unsafe.Add(ref k, KeyTile.Tokens);
        }
        a0.StoreUnsafe(ref s);
        a1.StoreUnsafe(ref s, 16);
        a2.StoreUnsafe(ref s, 32);
        a3.StoreUnsafe(ref s, 48);
    }
}
