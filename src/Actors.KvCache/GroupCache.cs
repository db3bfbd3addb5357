using System.Runtime.InteropServices;

namespace Actors.KvCache;

/// <summary>
/// Keys or values of single groups that were read from page files, in native memory of fixed size. A set of eight places holds the blocks of
/// one hash; the one whose last read is longest ago makes room. Stored pages never change, so a block never goes stale. Thread-safe.
/// </summary>
internal sealed unsafe class GroupCache : IDisposable
{
    private const int Ways = 8;
    private const int Stripes = 64;

    private readonly Stripe[] _stripes = new Stripe[Stripes];
    private readonly int _blockBytes;
    private readonly long _bytes;
    private readonly Lock _allocating = new();
    private Place[]? _places;
    private byte* _memory;
    private bool _disposed;

    internal GroupCache(int blockBytes, long limitBytes)
    {
        _blockBytes = blockBytes;
        Sets = (int)Math.Clamp(limitBytes / ((long)blockBytes * Ways), 1, int.MaxValue / Ways);
        _bytes = (long)Sets * Ways * blockBytes;
        for (int i = 0; i < Stripes; i++) _stripes[i] = new Stripe();
    }

    internal int Sets { get; }

    /// <summary>Bytes that the blocks take once the first was read.</summary>
    internal long LimitBytes => _bytes;

    /// <summary>Bytes allocated now: none or all.</summary>
    internal long Bytes => Volatile.Read(ref _places) is null ? 0 : _bytes;

    internal long Hits => _stripes.Sum(stripe => Volatile.Read(ref stripe.Hits));

    internal long Misses => _stripes.Sum(stripe => Volatile.Read(ref stripe.Misses));

    /// <summary>Copies a block out, if it is here.</summary>
    internal bool TryRead(int file, long offset, long clock, Span<byte> block)
    {
        int set = Set(file, offset);
        Stripe stripe = _stripes[set % Stripes];
        if (Volatile.Read(ref _places) is { } places)
        {
            lock (stripe)
            {
                for (int i = set * Ways; i < (set + 1) * Ways; i++)
                {
                    ref Place place = ref places[i];
                    if (place.Offset != offset || place.File != file || _disposed) continue;
                    place.LastUse = clock;
                    stripe.Hits++;
                    Memory(i).CopyTo(block);
                    return true;
                }
            }
        }

        Interlocked.Increment(ref stripe.Misses);
        return false;
    }

    /// <summary>Keeps a copy of a block that was read from its file.</summary>
    internal void Add(int file, long offset, long clock, ReadOnlySpan<byte> block)
    {
        int set = Set(file, offset);
        Place[] places = Volatile.Read(ref _places) ?? Allocate();
        lock (_stripes[set % Stripes])
        {
            if (_disposed) return;
            int victim = set * Ways;
            for (int i = victim; i < (set + 1) * Ways; i++)
            {
                if (places[i].File == file && places[i].Offset == offset) return;
                if (places[i].LastUse < places[victim].LastUse) victim = i;
            }

            places[victim] = new Place { File = file, Offset = offset, LastUse = clock };
            block.CopyTo(Memory(victim));
        }
    }

    /// <summary>Frees the memory. Only while nobody reads.</summary>
    public void Dispose()
    {
        lock (_allocating)
        {
            _disposed = true;
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }

    private int Set(int file, long offset)
    {
        ulong hash = ((ulong)offset + ((ulong)(uint)file * 0x9E37_79B9_7F4A_7C15)) * 0xD6E8_FEB8_6659_FD93;
        hash = (hash ^ (hash >> 32)) * 0xD6E8_FEB8_6659_FD93;
        return (int)(((hash >> 32) * (ulong)Sets) >> 32);
    }

    private Span<byte> Memory(int place) => new(_memory + ((long)place * _blockBytes), _blockBytes);

    private Place[] Allocate()
    {
        lock (_allocating)
        {
            if (_places is { } places) return places;
            ObjectDisposedException.ThrowIf(_disposed, this);
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)_bytes, 64);
            places = new Place[Sets * Ways];
            Volatile.Write(ref _places, places);
            return places;
        }
    }

    private struct Place
    {
        internal long Offset;
        internal long LastUse;
        internal int File; // numbered from 1: 0 is nobody's
    }

    private sealed class Stripe
    {
        internal long Hits;
        internal long Misses;
    }
}
