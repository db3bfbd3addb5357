using System.Runtime.InteropServices;

namespace Actors.Kernels;

/// <summary>Conversion of stored weights to float32, exact for every type.</summary>
public static unsafe class WeightConversion
{
    /// <summary>Converts consecutive elements, for example one embedding or the scales of a norm.</summary>
    /// <param name="source">First element, of any alignment.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="destination">Receives as many values as it is long; the caller answers for the source having them.</param>
    public static void ToSingle(byte* source, WeightType type, Span<float> destination)
    {
        if (type == WeightType.Float32)
        {
            new ReadOnlySpan<byte>(source, destination.Length * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = LinearScalar.Weight(source, type, i);
        }
    }
}
