using Actors.Kernels;

namespace Actors.Models;

/// <summary>Work that treats each row by itself, a few rows per task.</summary>
internal abstract class RowWork : IParallelWork
{
    private const int RowsPerTask = 8;

    private int _rows;

    /// <inheritdoc/>
    public void Execute(int task, int worker)
    {
        int end = Math.Min(_rows, (task + 1) * RowsPerTask);
        for (int row = task * RowsPerTask; row < end; row++)
        {
            Row(row, worker);
        }
    }

    protected void RunOn(ComputePool pool, int rows)
    {
        _rows = rows;
        pool.Run(this, (rows + RowsPerTask - 1) / RowsPerTask);
    }

    protected abstract void Row(int row, int worker);
}
