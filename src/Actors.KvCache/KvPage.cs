namespace Actors.KvCache;

/// <summary>
/// One page, of one sequence while it fills, of any number once it is sealed. Its bytes lie in a slot, in a page file, or in both.
/// Everything but <see cref="Read"/> needs the pool's gate.
/// </summary>
internal sealed unsafe class KvPage
{
    internal PageId Id;
    internal PageId Context;
    internal bool IsSealed;

    /// <summary>Page tables that hold the page; 0 = cached for reuse.</summary>
    internal int References;

    /// <summary>Writers that are reading the slot now; it stays in memory.</summary>
    internal int Pins;

    /// <summary>Pool clock at the last read.</summary>
    internal long LastUse;

    internal PageLease Lease;
    internal MappedFile? File;
    internal int FileIndex;

    internal bool IsResident => !Lease.IsNone;

    internal bool IsEvictable => IsSealed && Pins == 0 && IsResident && (File is not null || References == 0);

    internal ReadOnlySpan<byte> Read(int pageBytes)
        => Lease.IsNone ? File!.Read(FileIndex) : new ReadOnlySpan<byte>(Lease.Memory, pageBytes);

    internal Span<byte> Write(int pageBytes) => new(Lease.Memory, pageBytes);
}
