using System.Runtime.InteropServices;

namespace Actors.Kernels;

/// <summary>Activation rows [rows, columns] in the order and with the padding that <see cref="Linear"/> reads.</summary>
/// <remarks>
/// <para>Inside a block the values with even indices come before those with odd ones (see <see cref="LaneOrder"/>), the last block is filled up with
/// zeros, and rows start 64-byte aligned at a distance that is never a multiple of 128 bytes, let alone 4 KiB, so that rows do not compete for
/// the same cache sets.</para>
/// <para>Different rows may be packed concurrently. The object owns native memory; dispose it when no kernel uses it any more.</para>
/// </remarks>
public sealed unsafe class PackedRows : IDisposable
{
    /// <summary><see cref="PackPart"/> takes parts that start at multiples of this many columns.</summary>
    public const int PartColumns = 32;

    private float* _data;

    /// <summary>Allocates room for <paramref name="rows"/> rows.</summary>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    public PackedRows(int rows, int columns)
        : this(rows, columns, VectorSupport.Widest)
    {
    }

    internal PackedRows(int rows, int columns, VectorSupport support)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Rows = rows;
        Columns = columns;
        Support = support;
        Stride = checked((columns + PartColumns - 1) / PartColumns * PartColumns + 16);
        _data = (float*)NativeMemory.AlignedAlloc((nuint)rows * (nuint)Stride * sizeof(float), 64);
    }

    /// <summary>Releases the memory if nobody disposed the object.</summary>
    ~PackedRows() => Release();

    /// <summary>Rows that fit.</summary>
    public int Rows { get; }

    /// <summary>Columns of a row, without the padding.</summary>
    public int Columns { get; }

    /// <summary>Floats from one row to the next.</summary>
    public int Stride { get; }

    internal VectorSupport Support { get; }

    internal float* Data => _data;

    /// <summary>Stores one row.</summary>
    /// <param name="row">Which row, below <see cref="Rows"/>.</param>
    /// <param name="values">Its values in natural order; as many as <see cref="Columns"/>.</param>
    /// <exception cref="ArgumentException">The number of values differs from <see cref="Columns"/>.</exception>
    public void Pack(int row, ReadOnlySpan<float> values)
    {
        if (values.Length != Columns)
        {
            throw new ArgumentException($"A row of {Columns} columns was given {values.Length} values.", nameof(values));
        }

        PackPart(row, 0, values);
    }

    /// <summary>Stores some columns of one row.</summary>
    /// <param name="row">Which row, below <see cref="Rows"/>.</param>
    /// <param name="firstColumn">Where the part starts; a multiple of <see cref="PartColumns"/>.</param>
    /// <param name="values">Values in natural order. Their number is a multiple of <see cref="PartColumns"/> unless they end the row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the row or does not start at a multiple.</exception>
    public void PackPart(int row, int firstColumn, ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        int end = firstColumn + values.Length;
        if (firstColumn < 0 || firstColumn % PartColumns != 0 || end > Columns || (end < Columns && end % PartColumns != 0))
        {
            throw new ArgumentOutOfRangeException(nameof(firstColumn), firstColumn,
                $"Columns {firstColumn} to {end} are no part of a row of {Columns} columns: "
                + $"a part starts and ends at multiples of {PartColumns} or at the end of the row.");
        }

        LaneOrder.Split(values, _data + (nint)row * Stride + firstColumn, Support.Lanes());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
