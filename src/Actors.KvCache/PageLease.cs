namespace Actors.KvCache;

/// <summary>The right to use one slot's memory until its page is released: the slot and the version it had when it was leased.</summary>
internal readonly unsafe struct PageLease
{
    private readonly PageSlot? _slot;
    private readonly int _version;

    internal PageLease(PageSlot slot)
    {
        _slot = slot;
        _version = slot.Version;
    }

    internal bool IsNone => _slot is null;

    internal PageSlot Slot => _slot is { } slot && slot.Version == _version ? slot : throw Stale();

    internal byte* Memory => Slot.Memory;

    private StaleLeaseException Stale() => new(_slot?.Number ?? 0, _version, _slot?.Version ?? 0);
}
