using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Finds the nearest slots of many keys: one product per tile of 64 slots, then the greatest of each row. Working memory of its own; one thread.</summary>
/// <param name="dim">Elements of a key.</param>
internal sealed class NearestSlots(int dim)
{
    private float[] _scores = [];

    /// <summary>The slot of greatest cosine for each key; the first of equal ones. A key's result does not depend on the keys beside it.</summary>
    /// <param name="tiles">The slots.</param>
    /// <param name="count">Slots in use.</param>
    /// <param name="keys">[rows, dim], of length 1.</param>
    /// <param name="found">[rows], written; -1 when there is no slot.</param>
    /// <param name="cosines">[rows], written.</param>
    public void Find(List<SlotTile> tiles, int count, ReadOnlySpan<float> keys, Span<int> found, Span<float> cosines)
    {
        int rows = keys.Length / dim;
        found[..rows].Fill(-1);
        cosines[..rows].Fill(float.NegativeInfinity);
        if (_scores.Length < rows * SlotTile.Slots)
            _scores = new float[rows * SlotTile.Slots];
        for (int i = 0; i * SlotTile.Slots < count; i++)
        {
            ScoreKernel.Score(keys, tiles[i].Keys, rows, dim, _scores);
            int used = Math.Min(SlotTile.Slots, count - (i * SlotTile.Slots));
            for (int row = 0; row < rows; row++)
            {
                int lane = Greatest(_scores.AsSpan(row * SlotTile.Slots, SlotTile.Slots), tiles[i].Scales, used, ref cosines[row]);
                if (lane >= 0)
                    found[row] = (i * SlotTile.Slots) + lane;
            }
        }
    }

    // The first lane above the greatest so far, which it becomes; -1 for none.
    private static int Greatest(Span<float> scores, ReadOnlySpan<float> scales, int used, ref float greatest)
    {
        ref float s = ref MemoryMarshal.GetReference(scores);
        ref float f = ref MemoryMarshal.GetReference(scales);
        if (used == SlotTile.Slots)
        {
            Vector512<float> a = Vector512.LoadUnsafe(ref s) * Vector512.LoadUnsafe(ref f), b = Vector512.LoadUnsafe(ref s, 16) * Vector512.LoadUnsafe(ref f, 16);
            Vector512<float> c = Vector512.LoadUnsafe(ref s, 32) * Vector512.LoadUnsafe(ref f, 32), d = Vector512.LoadUnsafe(ref s, 48) * Vector512.LoadUnsafe(ref f, 48);
            if (!Vector512.GreaterThanAny(Vector512.Max(Vector512.Max(a, b), Vector512.Max(c, d)), Vector512.Create(greatest)))
                return -1;
        }
        int lane = -1;
        for (int i = 0; i < used; i++)
        {
            float cosine = scores[i] * scales[i];
            if (cosine > greatest)
                (lane, greatest) = (i, cosine);
        }
        return lane;
    }
}
