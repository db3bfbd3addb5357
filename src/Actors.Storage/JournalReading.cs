using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>
/// Reads journals. A record at the very end that is not whole was being written when the process stopped: a torn tail. Anything else
/// that does not match its checksum is damage.
/// </summary>
internal static class JournalReading
{
    /// <summary>The intact records from an offset to the end.</summary>
    /// <exception cref="JournalDamagedException">A record before the last one is damaged.</exception>
    internal static IEnumerable<JournalEntry> Read(string path, SafeFileHandle file, long offset, long end)
    {
        while (TryReadPayload(path, file, offset, end) is { } payload)
        {
            JournalRecord record;
            try
            {
                record = JournalFormat.Decode(payload);
            }
            catch (FormatException e)
            {
                throw new JournalDamagedException(path, offset, e.Message);
            }

            long next = offset + JournalFormat.FrameBytes + payload.Length;
            yield return new JournalEntry(record, offset, next);
            offset = next;
        }
    }

    /// <summary>Byte after the last intact record.</summary>
    internal static long FindEnd(string path, SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        long offset = JournalFormat.HeaderBytes;
        while (TryReadPayload(path, file, offset, length) is { } payload) offset += JournalFormat.FrameBytes + payload.Length;
        return offset;
    }

    /// <summary>The payload at an offset, or null at the end or before a torn tail.</summary>
    private static byte[]? TryReadPayload(string path, SafeFileHandle file, long offset, long end)
    {
        long rest = end - offset;
        if (rest < JournalFormat.FrameBytes) return null;
        var frame = new byte[JournalFormat.FrameBytes];
        ReadFully(path, file, frame, offset);
        if (JournalFormat.PayloadBytes(frame) is not { } bytes)
        {
            if (IsZero(file, offset, end)) return null;
            throw new JournalDamagedException(path, offset, "the frame of a record does not match its checksum");
        }

        if (rest < JournalFormat.FrameBytes + (long)bytes) return null;
        var payload = new byte[bytes];
        ReadFully(path, file, payload, offset + JournalFormat.FrameBytes);
        if (JournalFormat.IsIntact(frame, payload)) return payload;
        if (IsZero(file, offset + JournalFormat.FrameBytes + bytes, end)) return null;
        throw new JournalDamagedException(path, offset, "a record does not match its checksum");
    }

    private static void ReadFully(string path, SafeFileHandle file, Span<byte> bytes, long offset)
    {
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(file, bytes[done..], offset + done);
            if (read == 0) throw new JournalDamagedException(path, offset, "the file ended while it was read");
            done += read;
        }
    }

    /// <summary>A system that lost power may leave a file longer than what was written, with zeros.</summary>
    private static bool IsZero(SafeFileHandle file, long offset, long end)
    {
        var buffer = new byte[4096];
        while (offset < end)
        {
            int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)), offset);
            if (read == 0) return true;
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) return false;
            offset += read;
        }

        return true;
    }
}
