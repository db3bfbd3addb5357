using Actors.Kernels;

namespace Actors.Attention;

/// <summary>64 slots of a memory. Keys lie as a score tile, so that many keys are compared with all of them at once.</summary>
/// <param name="dim">Elements of a key and of a value.</param>
internal sealed class SlotTile(int dim)
{
    public const int Slots = KeyTile.Tokens;

    /// <summary>[dim, 64], mean keys.</summary>
    public readonly float[] Keys = new float[dim * Slots];

    /// <summary>[64, dim], mean values.</summary>
    public readonly float[] Values = new float[Slots * dim];

    /// <summary>[64], one over the length of each mean key, 0 for a key of length 0.</summary>
    public readonly float[] Scales = new float[Slots];

    /// <summary>[64], tokens averaged.</summary>
    public readonly int[] Counts = new int[Slots];

    /// <summary>[64], position of the token that joined last: the age is the distance to it.</summary>
    public readonly int[] Last = new int[Slots];

    /// <summary>Bytes of a tile.</summary>
    public static long Bytes(int dim) => ((2L * dim) + 3) * Slots * sizeof(float);

    public Span<float> Value(int lane) => Values.AsSpan(lane * dim, dim);

    public void ReadKey(int lane, Span<float> key)
    {
        for (int i = 0; i < key.Length; i++)
            key[i] = Keys[(i * Slots) + lane];
    }

    public void WriteKey(int lane, ReadOnlySpan<float> key)
    {
        for (int i = 0; i < key.Length; i++)
            Keys[(i * Slots) + lane] = key[i];
        Scales[lane] = Scale(key);
    }

    /// <summary>One over the length of a key, 0 for length 0.</summary>
    public static float Scale(ReadOnlySpan<float> key)
    {
        float length = System.Numerics.Tensors.TensorPrimitives.Norm(key);
        return length > 0 ? 1f / length : 0;
    }
}
