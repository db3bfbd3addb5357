using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>
/// The append-only record of one session: what was accepted and what was generated, in order. Appends may come from any thread and are
/// written one after the other; flushes that wait at the same time share one write to the disk.
/// </summary>
public sealed class SessionJournal : IAsyncDisposable
{
    private readonly SafeFileHandle _file;
    private readonly DiskWriter _disk;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _flushing = new(1);
    private long _length;
    private long _flushedLength;
    private StorageWriteException? _fault;

    private SessionJournal(string path, SafeFileHandle file, DiskWriter disk, long length, JournalTail? tornTail)
    {
        Path = path;
        _file = file;
        _disk = disk;
        _length = length;
        TornTail = tornTail;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes of all whole records with the file's header: where the next record begins.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>What was cut off when the journal was opened, or null when it was whole.</summary>
    public JournalTail? TornTail { get; }

    /// <summary>Appends a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="flush">What it must survive when the task ends.</param>
    /// <param name="cancellationToken">Gives up while waiting for others; a write that began is finished.</param>
    /// <returns>Byte after the record: what <see cref="SessionManifest.JournalBytes"/> counts.</returns>
    /// <exception cref="StorageWriteException">The record was not written. After a failed flush the journal must be opened again.</exception>
    public async ValueTask<long> AppendAsync(JournalRecord record, JournalFlush flush, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        byte[] bytes = JournalFormat.Encode(record);
        long end;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_fault is not null) throw new StorageWriteException(Path, _fault.InnerException!);
            end = Append(bytes);
        }
        finally
        {
            _writing.Release();
        }

        if (flush == JournalFlush.Disk) await FlushAsync(end);
        return end;
    }

    /// <summary>Reads records from an offset to the present end.</summary>
    /// <param name="offset">Where a record begins: 0 for the start, or an end that <see cref="AppendAsync"/> returned.</param>
    /// <returns>The records, read as they are asked for.</returns>
    /// <exception cref="JournalDamagedException">A record is damaged, or none begins at the offset.</exception>
    public IEnumerable<JournalEntry> Read(long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        long end = Length;
        if (offset > end) throw new JournalDamagedException(Path, end, $"it ends there, but byte {offset} was to be read");
        return JournalReading.Read(Path, _file, Math.Max(offset, JournalFormat.HeaderBytes), end);
    }

    /// <summary>Closes the file. Appends must have ended.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        _writing.Dispose();
        _flushing.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static SessionJournal Open(string path, DiskWriter disk)
    {
        SafeFileHandle? file = null;
        try
        {
            if (!File.Exists(path))
                StorageWriteException.Guard(path, () => disk.Replace(path, JournalFormat.Header.ToArray()));
            StorageWriteException.Guard(path, () => file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
            return Open(path, file!, disk);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private static SessionJournal Open(string path, SafeFileHandle file, DiskWriter disk)
    {
        Span<byte> header = stackalloc byte[JournalFormat.HeaderBytes];
        if (RandomAccess.Read(file, header, 0) != header.Length || !header.SequenceEqual(JournalFormat.Header))
            throw new JournalDamagedException(path, 0, "it does not begin like a journal of version 1");

        long length = RandomAccess.GetLength(file);
        long end = JournalReading.FindEnd(path, file);
        if (end == length) return new SessionJournal(path, file, disk, end, null);
        StorageWriteException.Guard(path, () =>
        {
            RandomAccess.SetLength(file, end);
            disk.Flush(file);
        });
        return new SessionJournal(path, file, disk, end, new JournalTail(end, length - end));
    }

    private long Append(byte[] bytes)
    {
        try
        {
            StorageWriteException.Guard(Path, () => _disk.Write(_file, bytes, _length));
        }
        catch (StorageWriteException)
        {
            CutBack();
            throw;
        }

        long end = _length + bytes.Length;
        Volatile.Write(ref _length, end);
        return end;
    }

    /// <summary>Removes a half-written record, so that the next one follows the last whole one.</summary>
    private void CutBack()
    {
        try
        {
            StorageWriteException.Guard(Path, () => RandomAccess.SetLength(_file, _length));
        }
        catch (StorageWriteException fault)
        {
            _fault = fault;
        }
    }

    private async Task FlushAsync(long end)
    {
        await _flushing.WaitAsync(CancellationToken.None);
        try
        {
            if (_flushedLength >= end) return;
            long written = Length;
            await Task.Run(() => StorageWriteException.Guard(Path, () => _disk.Flush(_file)));
            _flushedLength = written;
        }
        catch (StorageWriteException fault)
        {
            // What the system still holds after a failed flush is unknown: only reading the file again tells.
            _fault = fault;
            throw;
        }
        finally
        {
            _flushing.Release();
        }
    }
}
