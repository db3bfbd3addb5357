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

    /// <summary>Where the page is stored, null for nowhere. Replaced as one reference, because readers look at it without the gate.</summary>
    internal StoredPlace? Place;

    internal bool IsResident => !Lease.IsNone;

    internal bool IsEvictable => IsSealed && Pins == 0 && IsResident && (Place is not null || References == 0);

    internal ReadOnlySpan<byte> Read(int pageBytes)
        => Lease.IsNone ? ReadStored() : new ReadOnlySpan<byte>(Lease.Memory, pageBytes);

    internal Span<byte> Write(int pageBytes) => new(Lease.Memory, pageBytes);

    /// <summary>Reads some bytes of a page that has no slot, without mapping anything.</summary>
    internal void ReadStored(int offset, Span<byte> destination)
    {
        while (true)
        {
            StoredPlace place = Volatile.Read(ref Place)!;
            try
            {
                place.File.Read(place.Index, offset, destination);
                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (place == Volatile.Read(ref Place)) throw Lost(place, failure);
            }
        }
    }

    // A file may be replaced by a larger one while it is read; the old one is then gone from the disk, perhaps before it was opened.
    private ReadOnlySpan<byte> ReadStored()
    {
        while (true)
        {
            StoredPlace place = Volatile.Read(ref Place)!;
            try
            {
                return place.File.Read(place.Index);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (place == Volatile.Read(ref Place)) throw Lost(place, failure);
            }
        }
    }

    private static PageCorruptException Lost(StoredPlace place, Exception failure)
    {
        if (failure is PageCorruptException damage)
        {
            place.Lose();
            return damage;
        }

        place.File.IsLost = true;
        return new PageCorruptException(place.File.File.Path, place.File.File.FirstPage, failure);
    }
}
