using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Models;

/// <summary>Up to three products of the same rows in one parallel run, cut into tasks by output columns.</summary>
internal sealed unsafe class LinearWork(ComputePool pool) : IParallelWork
{
    private const int MaxProducts = 3;

    private readonly Part[] _parts = new Part[MaxProducts];
    private int _count;
    private PackedRows? _input;
    private int _rows;

    /// <summary>Starts a run over the first <paramref name="rows"/> rows of <paramref name="input"/>.</summary>
    public LinearWork Over(PackedRows input, int rows)
    {
        _input = input;
        _rows = rows;
        _count = 0;
        return this;
    }

    /// <summary>Adds a product whose results [rows, outputs] lie contiguously at <paramref name="results"/>.</summary>
    public LinearWork Product(in WeightMatrix weights, float* results, float[]? bias = null, bool add = false)
    {
        int first = _count == 0 ? 0 : _parts[_count - 1].EndTask, step = TaskSize.Outputs(weights, _rows, pool.Workers);
        int tasks = (weights.Outputs + step - 1) / step;
        _parts[_count++] = new Part(weights, results, bias, add, step, first, first + tasks);
        return this;
    }

    public void Run() => pool.Run(this, _parts[_count - 1].EndTask);

    /// <inheritdoc/>
    public void Execute(int task, int worker)
    {
        int which = 0;
        while (task >= _parts[which].EndTask)
        {
            which++;
        }

        ref readonly Part p = ref _parts[which];
        int stride = p.Weights.Outputs, first = (task - p.FirstTask) * p.Step, outputs = Math.Min(p.Step, stride - first);
        Linear.Multiply(_input!, _rows, p.Weights, first, outputs, p.Results + first, stride, p.Add);
        if (p.Bias is not null)
        {
            ReadOnlySpan<float> bias = p.Bias.AsSpan(first, outputs);
            for (int row = 0; row < _rows; row++)
            {
                var span = new Span<float>(p.Results + (nint)row * stride + first, outputs);
                TensorPrimitives.Add(span, bias, span);
            }
        }
    }

    private readonly struct Part(in WeightMatrix weights, float* results, float[]? bias, bool add, int step, int firstTask, int endTask)
    {
        public readonly WeightMatrix Weights = weights;
        public readonly float* Results = results;
        public readonly float[]? Bias = bias;
        public readonly bool Add = add;
        public readonly int Step = step;
        public readonly int FirstTask = firstTask;
        public readonly int EndTask = endTask;
    }
}
