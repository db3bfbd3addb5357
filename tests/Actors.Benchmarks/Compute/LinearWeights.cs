using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Benchmarks.Compute;

/// <summary>Copies of one weight matrix, so many that they do not fit the caches when they are used in turn, and activations for it.</summary>
public sealed unsafe class LinearWeights : IParallelWork, IDisposable
{
    private const long ColdBytes = 256L << 20;
    private const int TaskOutputs = 64;

    private readonly ComputePool _pool;
    private readonly PackedRows _input;
    private readonly float[] _results;
    private readonly WeightMatrix[] _copies;
    private readonly int _rows;
    private int _turn;

    public LinearWeights(ComputePool pool, WeightType type, int outputs, int inputs, int rows)
    {
        _pool = pool;
        _rows = rows;
        _input = new PackedRows(rows, inputs);
        float[] row = new float[inputs];
        row.AsSpan().Fill(0.5f);
        for (int i = 0; i < rows; i++)
        {
            _input.Pack(i, row);
        }

        _results = new float[(long)rows * outputs];
        Bytes = (long)outputs * inputs * WeightMatrix.BytesOf(type);
        _copies = new WeightMatrix[(int)Math.Max(1, ColdBytes / Bytes)];
        for (int i = 0; i < _copies.Length; i++)
        {
            byte* data = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
            NativeMemory.Fill(data, (nuint)Bytes, 0x3C);
            _copies[i] = new WeightMatrix(data, type, outputs, inputs);
        }
    }

    /// <summary>Bytes of one copy.</summary>
    public long Bytes { get; }

    /// <summary>Multiplies with the next copy.</summary>
    public void Multiply()
    {
        _turn = (_turn + 1) % _copies.Length;
        _pool.Run(this, (_copies[0].Outputs + TaskOutputs - 1) / TaskOutputs);
    }

    public void Execute(int task, int worker)
    {
        ref readonly WeightMatrix weights = ref _copies[_turn];
        int first = task * TaskOutputs, outputs = Math.Min(TaskOutputs, weights.Outputs - first);
        fixed (float* results = _results)
        {
            Linear.Multiply(_input, _rows, weights, first, outputs, results + first, weights.Outputs, add: false);
        }
    }

    public void Dispose()
    {
        _input.Dispose();
        foreach (WeightMatrix copy in _copies)
        {
            NativeMemory.AlignedFree(copy.Data);
        }
    }
}
