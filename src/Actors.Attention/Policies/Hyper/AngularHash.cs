using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>
/// Hash of a vector's direction: on which side of seven random planes it lies, numbered so that neighbouring numbers differ in one plane (Gray code). Immutable.
/// </summary>
/// <remarks>Source: arXiv:2310.05869 (sortLSH).</remarks>
internal sealed class AngularHash
{
    public const int Planes = 7, Buckets = 1 << Planes;
    private const int Seed = 20;
    private readonly int _headDim;

    public AngularHash(int headDim)
    {
        _headDim = headDim;
        Normals = new float[Planes * headDim];
        Random random = new(Seed);
        for (int i = 0; i < Normals.Length; i++)
            Normals[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    /// <summary>[planes, headDim].</summary>
    public float[] Normals { get; }

    /// <summary>Bucket of a vector.</summary>
    public int Bucket(ReadOnlySpan<float> vector)
    {
        int sides = 0;
        for (int plane = 0; plane < Planes; plane++)
            sides |= TensorPrimitives.Dot(vector, Normals.AsSpan(plane * _headDim, _headDim)) > 0 ? 1 << plane : 0;
        return Place(sides);
    }

    /// <summary>Place of a pattern of sides in the Gray code's order.</summary>
    public static int Place(int sides)
    {
        for (int shift = 1; shift < Planes; shift <<= 1)
            sides ^= sides >> shift;
        return sides;
    }

    /// <summary>A token drawn from each of <paramref name="samples"/> equal parts of [first, end): always the same for the same arguments.</summary>
    public static void Draw(int first, int end, Span<int> samples, ulong seed)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            long from = (long)(end - first) * i / samples.Length, to = (long)(end - first) * (i + 1) / samples.Length;
            ulong x = seed + ((ulong)i * 0x9E3779B97F4A7C15);
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            samples[i] = first + (int)(from + (long)((x ^ (x >> 31)) % (ulong)(to - from)));
        }
    }
}
