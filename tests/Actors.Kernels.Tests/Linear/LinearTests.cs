using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels.Tests;

public sealed unsafe class LinearTests
{
    public static TheoryData<string, WeightType> Kernels()
    {
        var data = new TheoryData<string, WeightType>();
        foreach (VectorSupport support in Supported())
        {
            foreach (WeightType type in Enum.GetValues<WeightType>())
            {
                data.Add(support.ToString(), type);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Multiply_AnyShape_EqualsDoubleReference(string kernel, WeightType type)
    {
        foreach ((int outputs, int inputs, int rows) in (ReadOnlySpan<(int, int, int)>)[
            (1, 1, 1), (7, 3, 2), (8, 16, 1), (13, 31, 5), (33, 32, 9), (24, 33, 17), (5, 63, 3), (66, 100, 4), (40, 176, 40), (19, 1537, 7), (9, 3100, 18)])
        {
            using var problem = new LinearProblem(Enum.Parse<VectorSupport>(kernel), type, outputs, inputs, rows, misalignment: 2);
            float[] results = problem.Multiply(rows, add: false, [outputs]);
            for (int row = 0; row < rows; row++)
            {
                for (int n = 0; n < outputs; n++)
                {
                    (double expected, double magnitude) = problem.Reference(row, n);
                    // One rounding per fused step and a few more for the tree; the bound is that of recursive summation.
                    double tolerance = (inputs + 8) * 1.2e-7 * magnitude;
                    Assert.True(
                        Math.Abs(expected - results[row * outputs + n]) <= tolerance,
                        $"[{outputs}, {inputs}] row {row} output {n}: expected {expected}, got {results[row * outputs + n]}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Multiply_OneRowOrForty_GivesTheSameBits(string kernel, WeightType type)
    {
        foreach ((int outputs, int inputs) in (ReadOnlySpan<(int, int)>)[(27, 96), (21, 176), (12, 2048), (17, 1571)])
        {
            using var problem = new LinearProblem(Enum.Parse<VectorSupport>(kernel), type, outputs, inputs, 40, misalignment: 6);
            float[] all = problem.Multiply(40, add: true, [outputs]);
            for (int rows = 1; rows < 40; rows++)
            {
                float[] some = problem.Multiply(rows, add: true, [outputs]);
                Assert.True(some.AsSpan().SequenceEqual(all.AsSpan(0, some.Length)), $"{rows} rows differ from 40 rows for [{outputs}, {inputs}]");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Multiply_OutputsInAnyPanels_GivesTheSameBits(string kernel, WeightType type)
    {
        using var problem = new LinearProblem(Enum.Parse<VectorSupport>(kernel), type, 41, 160, 19, misalignment: 0);
        foreach (int rows in (ReadOnlySpan<int>)[1, 2, 3, 19])
        {
            float[] whole = problem.Multiply(rows, add: false, [41]);
            Assert.Equal(whole, problem.Multiply(rows, add: false, [8, 16, 17]));
            Assert.Equal(whole, problem.Multiply(rows, add: false, [1, 3, 5, 32]));
        }
    }

    [Fact]
    public void Multiply_EveryFiniteHalf_WidensExactly()
    {
        Half* weights = stackalloc Half[2];
        foreach (VectorSupport support in Supported())
        {
            using var input = new PackedRows(1, 2, support);
            foreach (float[] pick in new float[][] { [1, 0], [0, 1] })
            {
                input.Pack(0, pick);
                for (int bits = 0; bits <= ushort.MaxValue; bits++)
                {
                    Half value = BitConverter.UInt16BitsToHalf((ushort)bits);
                    if (!Half.IsFinite(value))
                    {
                        continue;
                    }

                    weights[0] = weights[1] = value;
                    float result;
                    Linear.Multiply(input, 1, new WeightMatrix(weights, WeightType.Float16, 1, 2), 0, 1, &result, 1, add: false);
                    Assert.Equal((float)value, result);
                }
            }
        }
    }

    [Fact]
    public void Multiply_WrongShapes_Throws()
    {
        using var input = new PackedRows(2, 8);
        float* memory = stackalloc float[64];
        var weights = new WeightMatrix(memory, WeightType.Float32, 2, 16);
        var fitting = new WeightMatrix(memory, WeightType.Float32, 2, 8);
        Assert.Contains("8 columns", Assert.Throws<ArgumentException>(() => Linear.Multiply(input, 1, weights, 0, 2, null, 2, false)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Linear.Multiply(input, 3, fitting, 0, 2, null, 2, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Linear.Multiply(input, 1, fitting, 1, 2, null, 2, false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Linear.Multiply(input, 1, fitting, -1, 2, null, 2, false));
    }

    [Theory]
    [InlineData(1, 32)]
    [InlineData(192, 192)]
    [InlineData(1536, 1536)]
    [InlineData(2048, 1024)]
    [InlineData(8192, 1376)]
    public void ColumnBlock_OfColumns_IsFrozen(int inputs, int expected) => Assert.Equal(expected, Linear.ColumnBlock(inputs));

    private static IEnumerable<VectorSupport> Supported()
    {
        yield return VectorSupport.Scalar;
        if (Avx2.IsSupported && Fma.IsSupported)
        {
            yield return VectorSupport.Vector256;
        }

        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            yield return VectorSupport.Vector512;
        }
    }
}
