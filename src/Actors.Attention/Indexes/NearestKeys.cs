using Actors.Kernels;

namespace Actors.Attention;

/// <summary>The exact best keys of many queries at once: every tile of 64 keys is read once for all of them.</summary>
internal static class NearestKeys
{
    private const int BlockRows = 64;

    /// <summary>Compares all with all.</summary>
    /// <param name="queries">[n, headDim].</param>
    /// <param name="headDim">Elements per row.</param>
    /// <param name="keys">How many keys there are.</param>
    /// <param name="key">A key by its number.</param>
    /// <param name="count">Keys wanted per query.</param>
    /// <returns>One heap per query.</returns>
    public static BestKeys[] Find(ReadOnlySpan<float> queries, int headDim, int keys, Func<int, ReadOnlySpan<float>> key, int count)
    {
        int n = queries.Length / headDim;
        BestKeys[] best = new BestKeys[n];
        for (int query = 0; query < n; query++)
            (best[query] = new()).Reset(Math.Min(count, keys));
        float[] scores = new float[BlockRows * KeyTile.Tokens];
        for (int first = 0; first < keys; first += KeyTile.Tokens)
        {
            RowTiles tile = new(headDim);
            int used = Math.Min(KeyTile.Tokens, keys - first);
            for (int i = 0; i < used; i++)
                tile.Append(key(first + i));
            for (int row = 0; row < n; row += BlockRows)
            {
                int rows = Math.Min(BlockRows, n - row);
                ScoreKernel.Score(queries[(row * headDim)..], tile[0], rows, headDim, scores);
                for (int i = 0; i < rows; i++)
                    Offer(best[row + i], first, scores.AsSpan(i * KeyTile.Tokens, used));
            }
        }
        return best;
    }

    private static void Offer(BestKeys best, int first, ReadOnlySpan<float> scores)
    {
        if (System.Numerics.Tensors.TensorPrimitives.Max(scores) <= best.Floor)
            return;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > best.Floor)
                best.Offer(first + i, scores[i]);
        }
    }
}
