using Actors.Kernels;

namespace Actors.Models;

/// <summary>How many weight rows one task takes. Results do not depend on it.</summary>
internal static class TaskSize
{
    // Below this much work for a core a task costs more to hand over than to do.
    private const long MinBytes = 48 << 10;
    private const int TasksPerWorker = 4;
    private const int Multiple = 32;

    /// <summary>A multiple of 32, so that a task also ends where <see cref="PackedRows.PackPart"/> can continue.</summary>
    public static int Outputs(in WeightMatrix weights, int rows, int workers)
    {
        if (workers == 1)
        {
            return Whole(Linear.PanelOutputs(weights.Inputs, weights.Type));
        }

        long rowBytes = weights.RowBytes * Math.Max(1, rows / 2);
        int least = (int)Math.Min(weights.Outputs, (MinBytes + rowBytes - 1) / rowBytes);
        int fair = weights.Outputs / (workers * TasksPerWorker);
        return Whole(Math.Min(Math.Max(least, fair), Linear.PanelOutputs(weights.Inputs, weights.Type)));
    }

    private static int Whole(int outputs) => Math.Max(1, (outputs + Multiple - 1) / Multiple) * Multiple;
}
