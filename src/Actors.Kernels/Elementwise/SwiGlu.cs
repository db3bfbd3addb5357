using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>The gate of Llama's feed-forward network.</summary>
public static class SwiGlu
{
    /// <summary><c>destination[i] = gate[i] / (1 + exp(-gate[i])) * up[i]</c>.</summary>
    /// <param name="gate">Gate values.</param>
    /// <param name="up">As many values.</param>
    /// <param name="destination">As long; may be the memory of either input, may not overlap them otherwise.</param>
    /// <remarks>An element's result does not depend on its place or on the length: the rest that does not fill a vector goes through a padded one.
    /// Source: arXiv:2002.05202.</remarks>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> destination)
    {
        if (up.Length != gate.Length || destination.Length != gate.Length)
        {
            throw new ArgumentException($"SwiGLU needs equal lengths; got gate {gate.Length}, up {up.Length}, destination {destination.Length}.");
        }

        if (Vector512.IsHardwareAccelerated)
        {
            Apply512(gate, up, destination);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Apply256(gate, up, destination);
        }
        else
        {
            ApplyScalar(gate, up, destination);
        }
    }

    internal static void ApplyScalar(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> destination)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            destination[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
        }
    }

    internal static void Apply256(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> destination)
    {
        ref float g = ref MemoryMarshal.GetReference(gate), u = ref MemoryMarshal.GetReference(up), d = ref MemoryMarshal.GetReference(destination);
        int i = 0;
        for (; i <= gate.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref g, (nuint)i), y = Vector256.LoadUnsafe(ref u, (nuint)i);
            (x / (Vector256<float>.One + Vector256.Exp(-x)) * y).StoreUnsafe(ref d, (nuint)i);
        }

        if (i < gate.Length)
        {
            Span<float> padded = stackalloc float[2 * Vector256<float>.Count];
            padded.Clear();
            gate[i..].CopyTo(padded);
            up[i..].CopyTo(padded[Vector256<float>.Count..]);
            Vector256<float> x = Vector256.Create<float>(padded), y = Vector256.Create<float>(padded[Vector256<float>.Count..]);
            (x / (Vector256<float>.One + Vector256.Exp(-x)) * y).CopyTo(padded);
            padded[..(gate.Length - i)].CopyTo(destination[i..]);
        }
    }

    private static void Apply512(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> destination)
    {
        ref float g = ref MemoryMarshal.GetReference(gate), u = ref MemoryMarshal.GetReference(up), d = ref MemoryMarshal.GetReference(destination);
        int i = 0;
        for (; i <= gate.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> x = Vector512.LoadUnsafe(ref g, (nuint)i), y = Vector512.LoadUnsafe(ref u, (nuint)i);
            (x / (Vector512<float>.One + Vector512.Exp(-x)) * y).StoreUnsafe(ref d, (nuint)i);
        }

        if (i < gate.Length)
        {
            Span<float> padded = stackalloc float[2 * Vector512<float>.Count];
            padded.Clear();
            gate[i..].CopyTo(padded);
            up[i..].CopyTo(padded[Vector512<float>.Count..]);
            Vector512<float> x = Vector512.Create<float>(padded), y = Vector512.Create<float>(padded[Vector512<float>.Count..]);
            (x / (Vector512<float>.One + Vector512.Exp(-x)) * y).CopyTo(padded);
            padded[..(gate.Length - i)].CopyTo(destination[i..]);
        }
    }
}
