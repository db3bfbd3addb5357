using System.Buffers.Binary;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// The key that stands for a page: the mean of its four keys that drew the most attention. It enters the index as both bounds of all groups of
/// the page, so that the same search serves both kinds of selection.
/// </summary>
/// <remarks>Source: arXiv:2402.04617 (InfLLM); here a block is a page of 64 tokens.</remarks>
internal static class Representatives
{
    private const int Keys = 4;

    /// <summary>Computes the page's bounds.</summary>
    /// <param name="layout">Layout of the page.</param>
    /// <param name="page">The page's bytes.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="head">KV head.</param>
    /// <param name="firstToken">Position of the page's first token.</param>
    /// <param name="received">What the tokens drew.</param>
    /// <param name="bounds">[2, headDim] stored elements, written.</param>
    public static void Write(KvLayout layout, ReadOnlySpan<byte> page, int layer, int head, int firstToken, ReceivedAttention received, Span<byte> bounds)
    {
        int headDim = layout.HeadDim;
        float[] keys = new float[KvLayout.PageTokens * headDim];
        float[] columns = new float[headDim * KvLayout.GroupTokens];
        for (int group = 0; group < KvLayout.GroupsPerPage; group++)
        {
            StoredElements.Read(layout.Format, page[layout.KeysOffset(layer, head, group)..], columns);
            for (int i = 0; i < columns.Length; i++)
                keys[(((group * KvLayout.GroupTokens) + (i % KvLayout.GroupTokens)) * headDim) + (i / KvLayout.GroupTokens)] = columns[i];
        }
        int[] tokens = [.. Enumerable.Range(0, KvLayout.PageTokens)
            .OrderByDescending(t => received[firstToken + t])
            .ThenByDescending(t => System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(keys.AsSpan(t * headDim, headDim)))
            .Take(Keys)];
        for (int i = 0; i < headDim; i++)
        {
            float mean = 0;
            foreach (int token in tokens)
                mean += keys[(token * headDim) + i] / Keys;
            Store(layout.Format, mean, bounds[(i * layout.ElementBytes)..]);
            Store(layout.Format, mean, bounds[((headDim + i) * layout.ElementBytes)..]);
        }
    }

    private static void Store(KvFormat format, float value, Span<byte> target)
    {
        if (format == KvFormat.Float16)
            BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value);
        else if (format == KvFormat.BFloat16)
            BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
        else
            BinaryPrimitives.WriteSingleLittleEndian(target, value);
    }
}
