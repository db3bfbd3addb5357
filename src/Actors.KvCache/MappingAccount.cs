namespace Actors.KvCache;

/// <summary>
/// Bounds what mapped page files keep resident. Each page read through a mapping is charged; when the charges pass the limit, the files
/// charged longest ago give their memory back. Readers are never disturbed: the system reads returned memory again. What readers of a
/// span bring back after its file was returned is not charged; a quarter of the room is left for that. Thread-safe.
/// </summary>
internal sealed class MappingAccount(Func<long> limitBytes)
{
    /// <summary>Open mappings above this are closed when idle; the system allows about 65,000 in one process.</summary>
    private const int MaxMappings = 16_384;

    /// <summary>Open handles above this are closed when idle; the system often allows 1,024 in one process.</summary>
    private const int MaxHandles = 256;

    private readonly Lock _gate = new();
    private readonly LinkedList<MappedFile> _charged = [];
    private readonly HashSet<MappedFile> _open = [];
    private readonly HashSet<MappedFile> _handles = [];
    private long _bytes;

    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether the limit holds, or only one file is charged: what one read makes resident cannot be split.</summary>
    internal bool IsWithinLimit
    {
        get
        {
            lock (_gate) return _bytes <= limitBytes() || _charged.Count <= 1;
        }
    }

    internal void Charge(MappedFile file, int index)
    {
        lock (_gate)
        {
            _open.Add(file);
            Shrink_NeedsLock(file.Cost(index));

            // Asked again: the file itself may have been returned.
            long cost = file.Cost(index);
            if (file.ChargedBytes == 0) _charged.AddLast(file);
            file.Charge(index, cost);
            Volatile.Write(ref _bytes, _bytes + cost);
        }
    }

    internal void AddHandle(MappedFile file)
    {
        lock (_gate) _handles.Add(file);
    }

    internal void Shrink()
    {
        lock (_gate) Shrink_NeedsLock(0);
    }

    internal void Remove(MappedFile file)
    {
        lock (_gate)
        {
            Return_NeedsLock(file);
            _open.Remove(file);
            _handles.Remove(file);
        }
    }

    internal bool AreTooMany
    {
        get
        {
            lock (_gate) return _open.Count > MaxMappings || _handles.Count > MaxHandles;
        }
    }

    /// <summary>Closes mappings and handles beyond the limit. Only while no span is read.</summary>
    internal void CloseIdle()
    {
        lock (_gate)
        {
            if (_handles.Count > MaxHandles)
            {
                foreach (MappedFile file in _handles) file.CloseHandle();
                _handles.Clear();
            }

            if (_open.Count <= MaxMappings) return;
            foreach (MappedFile file in _open.Take(_open.Count - (MaxMappings / 2)).ToList())
            {
                Return_NeedsLock(file);
                file.File.Unmap();
                _open.Remove(file);
            }
        }
    }

    private void Shrink_NeedsLock(long addedBytes)
    {
        while (_bytes + addedBytes > limitBytes() && _charged.First is { } oldest) Return_NeedsLock(oldest.Value);
    }

    private void Return_NeedsLock(MappedFile file)
    {
        if (file.ChargedBytes == 0) return;
        file.File.ReturnMemory();
        Volatile.Write(ref _bytes, _bytes - file.ChargedBytes);
        file.Forget();
        _charged.Remove(file);
    }
}
