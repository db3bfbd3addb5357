using System.Runtime.CompilerServices;

namespace Actors.Kernels;

/// <summary>The plain form of <see cref="Linear"/>: what the vector kernels are tested against, and what runs without AVX2.</summary>
internal static unsafe class LinearScalar
{
    public static void Multiply(in Panel p)
    {
        int block = Linear.ColumnBlock(p.Inputs);
        for (int row = 0; row < p.Rows; row++)
        {
            float* a = p.Input + (nint)row * p.InputStride;
            for (int n = 0; n < p.Outputs; n++)
            {
                float* y = p.Results + (nint)row * p.ResultStride + n;
                for (int k = 0; k < p.Inputs; k += block)
                {
                    float sum = 0;
                    int end = Math.Min(k + block, p.Inputs);
                    for (int i = k; i < end; i++)
                    {
                        sum = MathF.FusedMultiplyAdd(a[i], Weight(p.Weights, p.Type, (nint)n * p.Inputs + i), sum);
                    }

                    *y = p.Add || k > 0 ? *y + sum : sum;
                }
            }
        }
    }

    /// <summary>One weight as float32.</summary>
    public static float Weight(byte* weights, WeightType type, nint index) => type switch
    {
        WeightType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(weights + 2 * index) << 16),
        WeightType.Float16 => (float)Unsafe.ReadUnaligned<Half>(weights + 2 * index),
        _ => Unsafe.ReadUnaligned<float>(weights + 4 * index),
    };
}
