namespace Actors.KvCache;

/// <summary>
/// A page file in use by pages of a pool. Counts the extents read through the mapping, as an upper bound of the memory that the mapping
/// keeps resident, and verifies each page's checksum when it is first read.
/// </summary>
/// <remarks>
/// One read makes more resident than its own bytes: Linux maps the whole large folio of the page cache around the place, up to 2 MiB at
/// a natural boundary of the file, and 64 KiB around it in any case.
/// </remarks>
internal sealed class MappedFile(PagePool pool, IPageFile file)
{
    internal const int ExtentBytes = 2 << 20;

    private const int AroundBytes = 64 << 10;

    private static int _numbers;

    private readonly int _number = Interlocked.Increment(ref _numbers);
    private readonly byte[] _verified = new byte[file.PageCount];
    private readonly byte[] _touched = new byte[file.PageCount];
    private readonly bool[] _extents = new bool[((file.FileBytes - 1) / ExtentBytes) + 1];
    private volatile bool _hasHandle;
    private volatile bool _lost;

    /// <summary>Bytes charged now. Needs the mapping gate.</summary>
    internal long ChargedBytes;

    /// <summary>Pages that may be read from this file. Needs the pool's gate.</summary>
    internal int References;

    internal IPageFile File => file;

    /// <summary>Whether reading failed: all of its pages have to be computed again.</summary>
    internal bool IsLost
    {
        get => _lost;
        set => _lost = value;
    }

    internal ReadOnlySpan<byte> Read(int index)
    {
        if (Volatile.Read(ref _touched[index]) == 0 || _verified[index] == 0) Touch(index);
        return file.Page(index);
    }

    /// <summary>Reads one block of a page, from the pool's cache or with the file's handle.</summary>
    internal void Read(int index, int offset, Span<byte> block)
    {
        Verify(index);
        GroupCache groups = pool.Groups;
        long place = ((long)index * pool.Layout.PageBytes) + offset;
        if (groups.TryRead(_number, place, pool.Clock, block)) return;
        CountHandle();
        file.Read(index, offset, block);
        groups.Add(_number, place, pool.Clock, block);
    }

    /// <summary>Closes the handle. Only while nobody reads; needs the mapping gate.</summary>
    internal void CloseHandle()
    {
        file.CloseHandle();
        _hasHandle = false;
    }

    internal void Verify(int index)
    {
        if (Volatile.Read(ref _verified[index]) != 0) return;
        CountHandle();
        file.Verify(index);
        Volatile.Write(ref _verified[index], 1);
    }

    /// <summary>Marks nothing as read. Needs the mapping gate.</summary>
    internal void Forget()
    {
        Array.Clear(_touched);
        Array.Clear(_extents);
        ChargedBytes = 0;
    }

    /// <summary>Bytes that reading a page would add. Needs the mapping gate.</summary>
    internal long Cost(int index)
    {
        long cost = 0;
        if (_touched[index] != 0) return cost;
        (long first, long last) = Extents(index);
        for (long extent = first; extent <= last; extent++)
        {
            if (!_extents[extent]) cost += Math.Min(ExtentBytes, file.FileBytes - (extent * ExtentBytes));
        }

        return cost;
    }

    /// <summary>Marks a page as read. Needs the mapping gate.</summary>
    internal void Charge(int index, long cost)
    {
        (long first, long last) = Extents(index);
        for (long extent = first; extent <= last; extent++) _extents[extent] = true;
        ChargedBytes += cost;
        Volatile.Write(ref _touched[index], 1);
    }

    private (long First, long Last) Extents(int index)
    {
        (long start, long bytes) = file.Range(index);
        return (Math.Max(0, start - AroundBytes) / ExtentBytes, Math.Min(file.FileBytes - 1, start + bytes + AroundBytes) / ExtentBytes);
    }

    private void CountHandle()
    {
        if (_hasHandle) return;
        _hasHandle = true;
        pool.CountHandle(this);
    }

    private void Touch(int index)
    {
        pool.ChargeMapping(this, index);
        Verify(index);
    }
}
