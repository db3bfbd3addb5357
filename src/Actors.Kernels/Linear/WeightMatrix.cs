namespace Actors.Kernels;

/// <summary>A view of a weight matrix [outputs, inputs], row-major, in memory that somebody else owns.</summary>
/// <remarks>The pointer may have any alignment, as in a mapped checkpoint. It must stay valid while kernels use the view.</remarks>
public readonly unsafe struct WeightMatrix
{
    /// <summary>Describes a matrix in place.</summary>
    /// <param name="data">First element.</param>
    /// <param name="type">Element type.</param>
    /// <param name="outputs">Rows, at least 1: one per value that the layer produces.</param>
    /// <param name="inputs">Columns, at least 1: one per value that the layer reads.</param>
    /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is below 1, or the type is unknown.</exception>
    public WeightMatrix(void* data, WeightType type, int outputs, int inputs)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        Data = (byte*)data;
        Type = type;
        Outputs = outputs;
        Inputs = inputs;
        ElementBytes = BytesOf(type);
    }

    /// <summary>First element.</summary>
    public byte* Data { get; }

    /// <summary>Element type.</summary>
    public WeightType Type { get; }

    /// <summary>Rows of the matrix.</summary>
    public int Outputs { get; }

    /// <summary>Columns of the matrix.</summary>
    public int Inputs { get; }

    /// <summary>Bytes of one element.</summary>
    public int ElementBytes { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public nint RowBytes => (nint)Inputs * ElementBytes;

    /// <summary>Bytes of one element of <paramref name="type"/>.</summary>
    /// <param name="type">Element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type is unknown.</exception>
    public static int BytesOf(WeightType type) => type switch
    {
        WeightType.BFloat16 or WeightType.Float16 => 2,
        WeightType.Float32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, $"Unknown weight type {type}; expected BFloat16, Float16 or Float32."),
    };
}
