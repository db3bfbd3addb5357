namespace Actors.KvCache;

/// <summary>
/// A page file in use by pages of a pool. Counts the pages read through the mapping, as an upper bound of the memory that the mapping
/// keeps resident, and verifies each page's checksum when it is first read.
/// </summary>
internal sealed class MappedFile(PagePool pool, IPageFile file)
{
    private readonly byte[] _verified = new byte[file.PageCount];
    private readonly byte[] _touched = new byte[file.PageCount];

    /// <summary>Bytes charged now. Needs the mapping gate.</summary>
    internal long ChargedBytes;

    /// <summary>Pages that may be read from this file. Needs the pool's gate.</summary>
    internal int References;

    internal IPageFile File => file;

    internal ReadOnlySpan<byte> Read(int index)
    {
        if (Volatile.Read(ref _touched[index]) == 0 || _verified[index] == 0) Touch(index);
        return file.Page(index);
    }

    internal void Verify(int index)
    {
        if (Volatile.Read(ref _verified[index]) != 0) return;
        file.Verify(index);
        Volatile.Write(ref _verified[index], 1);
    }

    /// <summary>Marks nothing as read. Needs the mapping gate.</summary>
    internal void Forget()
    {
        Array.Clear(_touched);
        ChargedBytes = 0;
    }

    /// <summary>Charges one page. Needs the mapping gate.</summary>
    internal long Charge(int index, int pageBytes)
    {
        if (_touched[index] != 0) return 0;
        Volatile.Write(ref _touched[index], 1);

        // The system maps up to 64 KiB around each place that is read, at both ends of the page.
        long charge = Math.Min(file.FileBytes - ChargedBytes, pageBytes + (2L * 64 * 1024));
        ChargedBytes += charge;
        return charge;
    }

    private void Touch(int index)
    {
        pool.ChargeMapping(this, index);
        Verify(index);
    }
}
