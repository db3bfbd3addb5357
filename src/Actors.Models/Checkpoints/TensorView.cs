using Actors.Kernels;

namespace Actors.Models;

/// <summary>
/// One tensor of a mapped safetensors file, row-major. Reading is thread-safe; memory belongs to the <see cref="SafeTensors"/> that
/// handed it out and must not be touched after that is disposed. The address may be unaligned.
/// </summary>
public sealed unsafe class TensorView
{
    internal TensorView(string name, string file, WeightType type, int[] shape, byte* pointer, long bytes)
    {
        Name = name;
        File = file;
        Type = type;
        Shape = shape;
        Pointer = pointer;
        Bytes = bytes;
    }

    /// <summary>Name in the file, for example <c>model.layers.0.self_attn.q_proj.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Path of the file that holds it.</summary>
    public string File { get; }

    /// <summary>Element type.</summary>
    public WeightType Type { get; }

    /// <summary>Elements per dimension, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>First dimension; 1 for a scalar. A projection has one row per output.</summary>
    public int Rows => Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>Elements of one row: the product of all dimensions but the first.</summary>
    public int Columns
    {
        get
        {
            int columns = 1;
            for (int i = 1; i < Shape.Count; i++) columns *= Shape[i];
            return columns;
        }
    }

    /// <summary>Address of the first byte inside the mapping.</summary>
    public byte* Pointer { get; }

    /// <summary>Length in bytes; may exceed 2 GiB.</summary>
    public long Bytes { get; }

    /// <summary>The bytes as a span.</summary>
    /// <exception cref="OverflowException">The tensor is larger than 2 GiB; use <see cref="Pointer"/>.</exception>
    public ReadOnlySpan<byte> Data => new(Pointer, checked((int)Bytes));
}
