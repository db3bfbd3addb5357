using System.Numerics.Tensors;

namespace Actors.Kernels;

/// <summary>Root-mean-square normalization.</summary>
public static class RmsNorm
{
    /// <summary><c>destination[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i]</c>.</summary>
    /// <param name="x">One row, not empty.</param>
    /// <param name="weight">Scale per column; as long as <paramref name="x"/>.</param>
    /// <param name="epsilon">Keeps a row of zeros finite.</param>
    /// <param name="destination">As long as <paramref name="x"/>; may be the same memory, may not overlap it otherwise.</param>
    /// <remarks>The order of summation depends on the length alone. Source: arXiv:1910.07467.</remarks>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> destination)
    {
        if (x.IsEmpty || weight.Length != x.Length || destination.Length != x.Length)
        {
            throw new ArgumentException($"RMS norm needs equal, positive lengths; got x {x.Length}, weight {weight.Length}, destination {destination.Length}.");
        }

        float scale = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(x) / x.Length + epsilon);
        TensorPrimitives.Multiply(x, scale, destination);
        TensorPrimitives.Multiply(destination, weight, destination);
    }
}
