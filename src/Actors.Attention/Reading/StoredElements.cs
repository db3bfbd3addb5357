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
}
