using Actors.Kernels;

namespace Actors.Models;

/// <summary>Normalizes rows into the packed form that the matrix products read.</summary>
internal sealed unsafe class NormWork(ComputePool pool, PackedRows target, float epsilon) : RowWork
{
    // One row in natural order per worker.
    private readonly float[] _normed = new float[pool.Workers * target.Columns];
    private float* _hidden;
    private float[] _weight = [];

    public void Run(int rows, float* hidden, float[] weight)
    {
        _hidden = hidden;
        _weight = weight;
        RunOn(pool, rows);
    }

    protected override void Row(int row, int worker)
    {
        int columns = target.Columns;
        Span<float> normed = _normed.AsSpan(worker * columns, columns);
        RmsNorm.Apply(new ReadOnlySpan<float>(_hidden + (nint)row * columns, columns), _weight, epsilon, normed);
        target.Pack(row, normed);
    }
}
