using Actors.Kernels;

namespace Actors.Models;

/// <summary>Gate and up projections and their SwiGLU in one parallel run; the result is packed for the down projection.</summary>
internal sealed unsafe class FeedForwardWork : IParallelWork
{
    // Floats of one worker's gate and of its up panel: 128 KiB each, so that they stay in the second-level cache beside the weights.
    private const int PanelFloats = 32 << 10;

    private readonly ComputePool _pool;
    private readonly PackedRows _input;
    private readonly PackedRows _target;
    private readonly float[][] _panels;
    private CpuLayer? _layer;
    private int _rows;
    private int _step;

    public FeedForwardWork(ComputePool pool, PackedRows input, PackedRows target)
    {
        _pool = pool;
        _input = input;
        _target = target;
        _panels = new float[pool.Workers][];
        for (int worker = 0; worker < _panels.Length; worker++)
        {
            _panels[worker] = GC.AllocateUninitializedArray<float>(2 * PanelFloats, pinned: true);
        }
    }

    public void Run(int rows, CpuLayer layer)
    {
        _rows = rows;
        _layer = layer;
        int most = PanelFloats / rows / PackedRows.PartColumns * PackedRows.PartColumns;
        _step = Math.Min(TaskSize.Outputs(layer.Gate, rows, _pool.Workers), most);
        _pool.Run(this, (layer.Gate.Outputs + _step - 1) / _step);
    }

    /// <inheritdoc/>
    public void Execute(int task, int worker)
    {
        int first = task * _step, outputs = Math.Min(_step, _layer!.Gate.Outputs - first);
        fixed (float* gates = _panels[worker])
        {
            float* ups = gates + PanelFloats;
            Linear.Multiply(_input, _rows, _layer.Gate, first, outputs, gates, outputs, add: false);
            Linear.Multiply(_input, _rows, _layer.Up, first, outputs, ups, outputs, add: false);
            for (int row = 0; row < _rows; row++)
            {
                var gate = new Span<float>(gates + row * outputs, outputs);
                SwiGlu.Apply(gate, new ReadOnlySpan<float>(ups + row * outputs, outputs), gate);
                _target.PackPart(row, first, gate);
            }
        }
    }
}
