using System.Runtime.InteropServices;

namespace Actors.KvCache;

/// <summary>Native page slots, allocated in slabs up to a limit and given out one by one. All but <see cref="Bytes"/> needs the pool's gate.</summary>
internal sealed unsafe class SlotMemory
{
    private const int SlabBytes = 8 << 20;
    private const int Alignment = 64;

    private readonly List<PageSlot> _all = [];
    private readonly Stack<PageSlot> _free = [];
    private readonly List<nint> _slabs = [];
    private readonly int _pageBytes;
    private readonly long _slotBytes;
    private readonly int _limit;
    private long _bytes;

    internal SlotMemory(int pageBytes, long limitBytes)
    {
        _pageBytes = pageBytes;
        _slotBytes = SlotBytesFor(pageBytes);
        _limit = (int)Math.Min(int.MaxValue, limitBytes / _slotBytes);
    }

    /// <summary>Most slots.</summary>
    internal int Limit => _limit;

    /// <summary>Bytes allocated so far.</summary>
    internal long Bytes => Volatile.Read(ref _bytes);

    internal IReadOnlyList<PageSlot> All => _all;

    internal IReadOnlyCollection<PageSlot> Free => _free;

    internal static long SlotBytesFor(int pageBytes) => ((long)pageBytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Makes free slots, as many as the limit allows.</summary>
    internal void Grow(int wanted)
    {
        while (_free.Count < wanted && _all.Count < _limit)
        {
            int count = (int)Math.Min(_limit - _all.Count, Math.Max(1, SlabBytes / _slotBytes));
            byte* slab = (byte*)NativeMemory.AlignedAlloc((nuint)(count * _slotBytes), Alignment);
            _slabs.Add((nint)slab);
            for (int i = count - 1; i >= 0; i--)
            {
                var slot = new PageSlot(_all.Count, slab + (i * _slotBytes));
                _all.Add(slot);
                _free.Push(slot);
            }

            Volatile.Write(ref _bytes, _all.Count * _slotBytes);
        }
    }

    /// <summary>Takes a free slot, cleared.</summary>
    internal PageSlot Take()
    {
        PageSlot slot = _free.Pop();
        new Span<byte>(slot.Memory, _pageBytes).Clear();
        return slot;
    }

    /// <summary>Takes a slot back; leases of it are stale from here on.</summary>
    internal void Return(PageSlot slot)
    {
        slot.Page = null;
        slot.Version++;
        _free.Push(slot);
    }

    /// <summary>Frees all memory; all leases are stale.</summary>
    internal void Dispose()
    {
        foreach (PageSlot slot in _all) slot.Version++;
        foreach (nint slab in _slabs) NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
    }
}
