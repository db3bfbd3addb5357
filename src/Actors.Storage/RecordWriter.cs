using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Actors.Storage;

/// <summary>Writes the fields of a record, little-endian; texts and arrays with their length before them.</summary>
internal readonly struct RecordWriter(ArrayBufferWriter<byte> buffer)
{
    internal void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    internal void Number(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(sizeof(int)), value);
        buffer.Advance(sizeof(int));
    }

    internal void LongNumber(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    internal void Text(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        Number(bytes);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(bytes));
        buffer.Advance(bytes);
    }

    internal void Numbers(int[] values)
    {
        Number(values.Length);
        foreach (int value in values) Number(value);
    }
}
