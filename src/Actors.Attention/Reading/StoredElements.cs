using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Stored elements of pages as fp32 and back.</summary>
internal static class StoredElements
{
    public static void Read(KvFormat format, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (format)
        {
            case KvFormat.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source)[..destination.Length], destination);
                break;
            case KvFormat.BFloat16:
                ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = BitConverter.Int32BitsToSingle(bits[i] << 16);
                break;
            default:
                MemoryMarshal.Cast<byte, float>(source)[..destination.Length].CopyTo(destination);
                break;
        }
    }

    /// <summary>Reads one key of a stored group.</summary>
    /// <param name="format">Element type.</param>
    /// <param name="group">[headDim, 16 tokens].</param>
    /// <param name="lane">Token in the group.</param>
    /// <param name="key">[headDim], written.</param>
    public static void ReadLane(KvFormat format, ReadOnlySpan<byte> group, int lane, Span<float> key)
    {
        switch (format)
        {
            case KvFormat.Float16:
                ReadOnlySpan<Half> stored = MemoryMarshal.Cast<byte, Half>(group);
                Span<Half> halves = stackalloc Half[key.Length];
                for (int i = 0; i < halves.Length; i++)
                    halves[i] = stored[(i * KvLayout.GroupTokens) + lane];
                TensorPrimitives.ConvertToSingle(halves, key);
                break;
            case KvFormat.BFloat16:
                ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<byte, ushort>(group);
                for (int i = 0; i < key.Length; i++)
                    key[i] = BitConverter.Int32BitsToSingle(bits[(i * KvLayout.GroupTokens) + lane] << 16);
                break;
            default:
                ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(group);
                for (int i = 0; i < key.Length; i++)
                    key[i] = floats[(i * KvLayout.GroupTokens) + lane];
                break;
        }
    }
}
