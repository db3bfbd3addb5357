using Actors.Kernels;

namespace Actors.Models;

/// <summary>Brings rows into the packed form that the matrix products read.</summary>
internal sealed unsafe class PackWork(ComputePool pool, PackedRows target) : RowWork
{
    private float* _rows;

    public void Run(int rows, float* source)
    {
        _rows = source;
        RunOn(pool, rows);
    }

    protected override void Row(int row, int worker) => target.Pack(row, new ReadOnlySpan<float>(_rows + (nint)row * target.Columns, target.Columns));
}
