namespace Actors.Kernels;

/// <summary>Matrix products of activation rows with weights that stay where and as they are stored.</summary>
/// <remarks>
/// <para><c>results[r, n] = sum over k of input[r, k] * weights[n, k]</c>, in float32.</para>
/// <para>Summation order, the same for every number of rows and every way of cutting the outputs into tasks: the columns are cut into blocks of
/// <see cref="ColumnBlock"/>; in a block each vector lane adds its columns in ascending order with fused multiply-add and the lanes are summed by a
/// fixed tree; the blocks are added in ascending order. So a row's result depends on that row alone. It may differ in the last bits
/// between processors with different vector widths.</para>
/// <para>The kernels are single-threaded; callers split the outputs. They may run concurrently on one input.</para>
/// </remarks>
public static unsafe class Linear
{
    // From this many rows on, arithmetic costs more than reading the weights.
    internal const int ManyRows = 16;

    // A quarter of the 1 MiB second-level cache of current processors.
    private const int PanelBytes = 256 << 10;

    private const int MaxColumnBlock = 1536;

    /// <summary>Columns that one partial sum covers, for a matrix with <paramref name="inputs"/> columns: the smallest number of equal blocks of
    /// at most 1536, so that six activation rows of a block stay in a 48 KiB first-level cache.</summary>
    /// <param name="inputs">Columns of the matrix, at least 1.</param>
    public static int ColumnBlock(int inputs)
    {
        int blocks = (inputs + MaxColumnBlock - 1) / MaxColumnBlock;
        return WholeParts((inputs + blocks - 1) / blocks);
    }

    /// <summary>Weight rows, a multiple of 8, of which a block of columns fits the second-level cache: a good size for the tasks of many rows.</summary>
    /// <param name="inputs">Columns of the matrix, at least 1.</param>
    /// <param name="type">Type of its elements.</param>
    public static int PanelOutputs(int inputs, WeightType type) =>
        Math.Max(8, PanelBytes / (ColumnBlock(inputs) * WeightMatrix.BytesOf(type)) / 8 * 8);

    /// <summary>Multiplies the first <paramref name="rows"/> rows of <paramref name="input"/> with a range of weight rows.</summary>
    /// <param name="input">Activations [rows, inputs].</param>
    /// <param name="rows">Rows to multiply, 0 to <see cref="PackedRows.Rows"/>.</param>
    /// <param name="weights">Weights [outputs, inputs].</param>
    /// <param name="firstOutput">First weight row.</param>
    /// <param name="outputs">Number of weight rows.</param>
    /// <param name="results">Where the result of row 0 and weight row <paramref name="firstOutput"/> goes. The caller owns the memory and answers for its
    /// size; it must not overlap the weights.</param>
    /// <param name="stride">Floats from one row of results to the next.</param>
    /// <param name="add">Adds to what is there instead of overwriting it.</param>
    /// <exception cref="ArgumentException">The input has another number of columns than the weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows or the weight rows are out of range.</exception>
    public static void Multiply(
        PackedRows input, int rows, in WeightMatrix weights, int firstOutput, int outputs, float* results, int stride, bool add)
    {
        if (input.Columns != weights.Inputs)
        {
            throw new ArgumentException($"Activations with {input.Columns} columns cannot be multiplied with weights of {weights.Inputs} inputs.", nameof(input));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, input.Rows);
        ArgumentOutOfRangeException.ThrowIfNegative(firstOutput);
        ArgumentOutOfRangeException.ThrowIfNegative(outputs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs, weights.Outputs - firstOutput);
        var panel = new Panel
        {
            Input = input.Data,
            InputStride = input.Stride,
            Rows = rows,
            Weights = weights.Data + firstOutput * weights.RowBytes,
            Type = weights.Type,
            Inputs = weights.Inputs,
            Outputs = outputs,
            Results = results,
            ResultStride = stride,
            Add = add,
        };
        switch (input.Support, weights.Type)
        {
            case (VectorSupport.Vector512, WeightType.BFloat16): Linear512.Multiply<WideBFloat512>(panel); break;
            case (VectorSupport.Vector512, WeightType.Float16): Linear512.Multiply<WideHalf512>(panel); break;
            case (VectorSupport.Vector512, _): Linear512.Multiply<WideFloat512>(panel); break;
            case (VectorSupport.Vector256, WeightType.BFloat16): Linear256.Multiply<WideBFloat256>(panel); break;
            case (VectorSupport.Vector256, WeightType.Float16): Linear256.Multiply<WideHalf256>(panel); break;
            case (VectorSupport.Vector256, _): Linear256.Multiply<WideFloat256>(panel); break;
            default: LinearScalar.Multiply(panel); break;
        }
    }

    /// <summary>Columns rounded up to whole steps of every kernel.</summary>
    internal static int WholeParts(int columns) => (columns + PackedRows.PartColumns - 1) / PackedRows.PartColumns * PackedRows.PartColumns;
}
