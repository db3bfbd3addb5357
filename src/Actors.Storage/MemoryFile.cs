using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>
/// What the attention policy of a session keeps, so that a start need not make it from the pages again. A shortcut only: a file that is missing or damaged is no error. One owner at a time writes.
/// </summary>
public sealed class MemoryFile
{
    private const int HeaderBytes = 24, Version = 1, BufferBytes = 1 << 16;

    private readonly string _path;
    private readonly DiskWriter _disk;
    private readonly Action _createSession;

    internal MemoryFile(string path, DiskWriter disk, Action createSession) => (_path, _disk, _createSession) = (path, disk, createSession);

    /// <summary>Bytes of the file, 0 when there is none.</summary>
    public long Bytes => new FileInfo(_path) is { Exists: true } file ? file.Length : 0;

    /// <summary>Replaces the content, durably; it is the old one or the whole new one, whatever happens.</summary>
    /// <param name="writeContent">Writes the content.</param>
    /// <exception cref="StorageWriteException">It cannot be written; the old content stays.</exception>
    public void Write(Action<Stream> writeContent)
    {
        ArgumentNullException.ThrowIfNull(writeContent);
        _createSession();
        StorageWriteException.Guard(_path, () => _disk.Replace(_path, file =>
        {
            using var content = new ChecksumStream((bytes, offset) => _disk.Write(file, bytes, HeaderBytes + offset));
            using (var buffer = new BufferedStream(content, BufferBytes)) writeContent(buffer);
            _disk.Write(file, Header(content.Position, content.Checksum), 0);
        }));
    }

    /// <summary>Opens the content after comparing its checksum.</summary>
    /// <returns>The content, which the caller disposes; null when there is none that can be used.</returns>
    public Stream? Open()
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes);
            byte[] header = new byte[HeaderBytes];
            file.ReadExactly(header);
            long length = file.Length - HeaderBytes;
            if (Header(length, Checksum(file)).AsSpan().SequenceEqual(header))
            {
                file.Position = HeaderBytes;
                return file;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Missing, too short, or not readable: as if there were none.
        }
        file?.Dispose();
        return null;
    }

    /// <summary>Removes the file, when there is one.</summary>
    public void Delete() => DiskWriter.TryDelete(_path);

    private static byte[] Header(long contentBytes, uint checksum)
    {
        byte[] header = new byte[HeaderBytes];
        "ACTM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), contentBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), Crc32C.Compute(header.AsSpan(0, 20)));
        return header;
    }

    private static uint Checksum(FileStream file)
    {
        byte[] buffer = new byte[BufferBytes];
        uint checksum = 0;
        for (int read; (read = file.Read(buffer)) > 0;) checksum = Crc32C.Append(checksum, buffer.AsSpan(0, read));
        return checksum;
    }
}
