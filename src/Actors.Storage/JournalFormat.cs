using System.Buffers;
using System.Buffers.Binary;

namespace Actors.Storage;

/// <summary>The bytes of a journal; docs/storage-format.md describes them.</summary>
internal static class JournalFormat
{
    internal const int HeaderBytes = 8;
    internal const int FrameBytes = 12;
    internal const int MaxPayloadBytes = 256 << 20;

    /// <summary>Magic "ACTJ" and version 1.</summary>
    internal static ReadOnlySpan<byte> Header => [(byte)'A', (byte)'C', (byte)'T', (byte)'J', 1, 0, 0, 0];

    /// <summary>A record with its frame: payload length, checksum of that length, checksum of the payload.</summary>
    internal static byte[] Encode(JournalRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Advance(FrameBytes);
        var writer = new RecordWriter(buffer);
        writer.Byte((byte)record.Kind);
        record.Write(writer);
        byte[] bytes = buffer.WrittenSpan.ToArray();
        int payload = bytes.Length - FrameBytes;
        if (payload > MaxPayloadBytes)
            throw new ArgumentException($"A journal record has at most {MaxPayloadBytes} bytes, this one has {payload}.", nameof(record));

        BinaryPrimitives.WriteInt32LittleEndian(bytes, payload);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Compute(bytes.AsSpan(0, 4)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Compute(bytes.AsSpan(FrameBytes)));
        return bytes;
    }

    /// <summary>Payload length in a frame, or null when the frame is damaged.</summary>
    internal static int? PayloadBytes(ReadOnlySpan<byte> frame)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) != Crc32C.Compute(frame[..4])) return null;
        int payload = BinaryPrimitives.ReadInt32LittleEndian(frame);
        return payload is > 0 and <= MaxPayloadBytes ? payload : null;
    }

    internal static bool IsIntact(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> payload)
        => BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]) == Crc32C.Compute(payload);

    /// <exception cref="FormatException">The payload is not a record of this version.</exception>
    internal static JournalRecord Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        byte kind = reader.Byte();
        JournalRecord record = (JournalKind)kind switch
        {
            JournalKind.Input => InputRecord.Read(ref reader),
            JournalKind.TurnStarted => TurnStartedRecord.Read(ref reader),
            JournalKind.Tokens => TokensRecord.Read(ref reader),
            JournalKind.TurnFinished => TurnFinishedRecord.Read(ref reader),
            JournalKind.PolicyChanged => PolicyChangedRecord.Read(ref reader),
            JournalKind.Rewound => RewoundRecord.Read(ref reader),
            JournalKind.Note => NoteRecord.Read(ref reader),
            _ => throw new FormatException($"record kind {kind} is unknown to this version"),
        };
        return reader.IsAtEnd ? record : throw new FormatException("the record has bytes after its last field");
    }
}
