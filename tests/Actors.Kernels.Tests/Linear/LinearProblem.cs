using System.Runtime.InteropServices;

namespace Actors.Kernels.Tests;

/// <summary>A seeded product: weights at a chosen misalignment, and packed activations.</summary>
internal sealed unsafe class LinearProblem : IDisposable
{
    private readonly float[] _activations;
    private readonly float[] _before;
    private readonly PackedRows _packed;
    private readonly byte* _memory;
    private readonly WeightMatrix _weights;

    public LinearProblem(VectorSupport support, WeightType type, int outputs, int inputs, int rows, int misalignment)
    {
        var random = new Random(outputs * 7919 + inputs * 31 + rows);
        _activations = Values(random, rows * inputs);
        _before = Values(random, rows * outputs);
        _packed = new PackedRows(rows, inputs, support);
        for (int row = 0; row < rows; row++)
        {
            _packed.Pack(row, _activations.AsSpan(row * inputs, inputs));
        }

        int bytes = WeightMatrix.BytesOf(type);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(outputs * inputs * bytes + misalignment), 64);
        _weights = new WeightMatrix(_memory + misalignment, type, outputs, inputs);
        for (int i = 0; i < outputs * inputs; i++)
        {
            float value = random.NextSingle() * 2 - 1;
            var target = new Span<byte>(_weights.Data + (nint)i * bytes, bytes);
            switch (type)
            {
                case WeightType.BFloat16: MemoryMarshal.Write(target, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)); break;
                case WeightType.Float16: MemoryMarshal.Write(target, (Half)value); break;
                default: MemoryMarshal.Write(target, value); break;
            }
        }
    }

    /// <summary>The product of the first rows, the outputs cut into panels of the given sizes; the results are contiguous.</summary>
    public float[] Multiply(int rows, bool add, ReadOnlySpan<int> panels)
    {
        int outputs = _weights.Outputs, first = 0;
        float[] results = _before.AsSpan(0, rows * outputs).ToArray();
        fixed (float* target = results)
        {
            foreach (int panel in panels)
            {
                Linear.Multiply(_packed, rows, _weights, first, panel, target + first, outputs, add);
                first += panel;
            }
        }

        Assert.Equal(outputs, first);
        return results;
    }

    /// <summary>One result in double precision, and the sum of the magnitudes of its terms.</summary>
    public (double Value, double Magnitude) Reference(int row, int output)
    {
        double sum = 0, magnitude = 0;
        for (int k = 0; k < _weights.Inputs; k++)
        {
            nint index = (nint)output * _weights.Inputs + k;
            double term = (double)_activations[row * _weights.Inputs + k] * LinearScalar.Weight(_weights.Data, _weights.Type, index);
            sum += term;
            magnitude += Math.Abs(term);
        }

        return (sum, magnitude);
    }

    public void Dispose()
    {
        _packed.Dispose();
        NativeMemory.AlignedFree(_memory);
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() * 2 - 1;
        }

        return values;
    }
}
