using System.Buffers;
using System.IO.MemoryMappedFiles;
using Actors.KvCache;
using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>A page file on disk. The mapping is made at the first read of a page, the handle at the first read of a part.</summary>
internal sealed unsafe class PageFile : IPageFile
{
    private const int VerifyBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Action<string>? _closed;
    private MemoryMappedViewAccessor? _view;
    private byte* _memory;
    private SafeFileHandle? _handle;
    private bool _disposed;

    internal PageFile(string path, PageFileHeader header, Action<string>? closed = null)
    {
        _closed = closed;
        Path = path;
        Header = header;
    }

    public string Path { get; }

    public long FileBytes => Header.FileBytes;

    public int FirstPage => Header.FirstPage;

    public int PageCount => Header.Entries.Length;

    public bool IsMapped => _memory != null;

    internal PageFileHeader Header { get; }

    public PageId Id(int index) => Header.Entries[index].Id;

    public PageId Context(int index) => Header.Entries[index].Context;

    public (long Offset, long Bytes) Range(int index) => (Header.Offset(index), Header.Layout.PageBytes);

    public ReadOnlySpan<byte> Page(int index)
    {
        if ((uint)index >= (uint)PageCount) throw new ArgumentOutOfRangeException(nameof(index), index, $"The file has {PageCount} pages.");
        byte* memory = _memory;
        if (memory == null) memory = Map();
        return new ReadOnlySpan<byte>(memory + Header.Offset(index), Header.Layout.PageBytes);
    }

    public void Read(int index, int offset, Span<byte> destination)
    {
        if ((uint)index >= (uint)PageCount) throw new ArgumentOutOfRangeException(nameof(index), index, $"The file has {PageCount} pages.");
        if (offset < 0 || offset + (long)destination.Length > Header.Layout.PageBytes)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{destination.Length} bytes from there pass the end of the page.");
        SafeFileHandle handle = Volatile.Read(ref _handle) ?? OpenHandle();
        long position = Header.Offset(index) + offset;
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(handle, destination, position);
            if (read == 0) throw new EndOfStreamException($"'{Path}' ends at byte {position}; it had {FileBytes} bytes when it was opened.");
            destination = destination[read..];
            position += read;
        }
    }

    public void Verify(int index)
    {
        // Not through the mapping: one look at each page of a file would make all of it resident.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(VerifyBytes, Header.Layout.PageBytes));
        try
        {
            uint actual = 0;
            for (int offset = 0; offset < Header.Layout.PageBytes;)
            {
                Span<byte> part = buffer.AsSpan(0, Math.Min(buffer.Length, Header.Layout.PageBytes - offset));
                Read(index, offset, part);
                actual = Crc32C.Append(actual, part);
                offset += part.Length;
            }

            Compare(index, actual);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void CloseHandle()
    {
        lock (_gate)
        {
            _handle?.Dispose();
            _handle = null;
        }
    }

    public void ReturnMemory()
    {
        lock (_gate)
        {
            if (_memory != null) PosixCalls.ReturnMemory(_memory, (nuint)FileBytes);
        }
    }

    public void Unmap()
    {
        lock (_gate)
        {
            if (_view is null) return;
            _memory = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _view = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        Unmap();
        CloseHandle();
        _closed?.Invoke(Path);
    }

    /// <summary>Reads a file's header and compares its length with it.</summary>
    /// <exception cref="PageCorruptException">The file is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static PageFile Open(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        var start = new byte[PageFileHeader.FixedBytes];
        var bytes = new byte[PageFileHeader.ReadSize(path, start.AsSpan(0, RandomAccess.Read(file, start, 0)))];
        long length = RandomAccess.GetLength(file);
        if (length < bytes.Length || RandomAccess.Read(file, bytes, 0) != bytes.Length)
            throw new PageCorruptException(path, $"it ends within its header, at byte {length}.");
        PageFileHeader header = PageFileHeader.Decode(path, bytes);
        if (length != header.FileBytes)
            throw new PageCorruptException(path, $"it has {length} bytes, its header says {header.FileBytes}.");
        return new PageFile(path, header);
    }

    internal void Check(int index, ReadOnlySpan<byte> page) => Compare(index, Crc32C.Compute(page));

    private void Compare(int index, uint actual)
    {
        PageFileEntry entry = Header.Entries[index];
        if (actual != entry.Checksum) throw new PageCorruptException(Path, entry.Id, FirstPage + index, entry.Checksum, actual);
    }

    private SafeFileHandle OpenHandle()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _handle ??= File.OpenHandle(Path, share: FileShare.Read | FileShare.Delete, options: FileOptions.RandomAccess);
        }
    }

    private byte* Map()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_memory != null) return _memory;
            using var file = MemoryMappedFile.CreateFromFile(
                new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0),
                null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);

            // A file cut short since it was opened would end the process at the first read beyond its end.
            MemoryMappedViewAccessor view = file.CreateViewAccessor(0, FileBytes, MemoryMappedFileAccess.Read);
            byte* memory = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
            _view = view;
            return _memory = memory;
        }
    }
}
