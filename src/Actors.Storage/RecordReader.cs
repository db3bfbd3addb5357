using System.Buffers.Binary;
using System.Text;

namespace Actors.Storage;

/// <summary>Reads what <see cref="RecordWriter"/> wrote. A field that does not fit the bytes that are left is a format error.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    internal byte Byte() => Take(1)[0];

    internal int Number() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal long LongNumber() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal string Text() => Encoding.UTF8.GetString(Take(Count(1)));

    internal int[] Numbers()
    {
        var values = new int[Count(sizeof(int))];
        for (int i = 0; i < values.Length; i++) values[i] = Number();
        return values;
    }

    /// <summary>A count of things that each take at least some bytes of what is left.</summary>
    internal int Count(int bytesEach)
    {
        int count = Number();
        if (count < 0 || (long)count * bytesEach > _rest.Length) throw new FormatException($"a length of {count} does not fit its record");
        return count;
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length) throw new FormatException("the record ends within a field");
        ReadOnlySpan<byte> taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
