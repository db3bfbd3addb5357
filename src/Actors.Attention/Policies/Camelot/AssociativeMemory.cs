using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Actors.Attention;

/// <summary>
/// Slots of bounded number, each the running mean of the keys and values of tokens that were alike. Tokens come in blocks: a block is compared with the memory as it was before the block, familiar
/// tokens join their slots in order, then novel ones take slots: free ones, then those that were longest without a token. For the owner thread; after that any threads read.
/// </summary>
/// <param name="dim">Elements of a key and of a value.</param>
/// <param name="slots">Most slots.</param>
/// <param name="threshold">Cosine above which a token is familiar.</param>
internal sealed class AssociativeMemory(int dim, int slots, float threshold)
{
    private readonly List<SlotTile> _tiles = [];
    private readonly SlotUndo _undo = new(dim);
    private readonly NearestSlots _nearest = new(dim);
    private readonly List<int> _fresh = [];     // slots that novel tokens of the present block took
    private float[] _freshKeys = [];            // [fresh, dim], their mean keys
    private readonly float[] _row = new float[dim];
    private float[] _cosines = [];              // [tokens of a block]
    private int[] _found = [];

    /// <summary>Slots in use.</summary>
    public int Count { get; private set; }

    public long Bytes => (_tiles.Count * SlotTile.Bytes(dim)) + _undo.Bytes;

    /// <summary>Tokens averaged in a slot.</summary>
    public int Tokens(int slot) => Tile(slot).Counts[slot % SlotTile.Slots];

    /// <summary>Position of the token that joined a slot last.</summary>
    public int LastToken(int slot) => Tile(slot).Last[slot % SlotTile.Slots];

    /// <summary>The slot nearest to each key by cosine; of equal ones the first.</summary>
    /// <param name="keys">[rows, dim], of length 1.</param>
    /// <param name="found">[rows], written; -1 in an empty memory.</param>
    /// <param name="cosines">[rows], written.</param>
    public void Nearest(ReadOnlySpan<float> keys, Span<int> found, Span<float> cosines) => _nearest.Find(_tiles, Count, keys, found, cosines);

    /// <summary>Copies some elements of a slot's mean key and value.</summary>
    /// <param name="slot">Slot, below <see cref="Count"/>.</param>
    /// <param name="first">First element.</param>
    /// <param name="key">Written.</param>
    /// <param name="value">Written.</param>
    public void Read(int slot, int first, Span<float> key, Span<float> value)
    {
        SlotTile tile = Tile(slot);
        int lane = slot % SlotTile.Slots;
        for (int i = 0; i < key.Length; i++)
            key[i] = tile.Keys[((first + i) * SlotTile.Slots) + lane];
        tile.Value(lane).Slice(first, value.Length).CopyTo(value);
    }

    /// <summary>Takes a block of tokens in.</summary>
    /// <param name="first">Position of the first token.</param>
    /// <param name="keys">[tokens, dim].</param>
    /// <param name="units">[tokens, dim], the keys at length 1.</param>
    /// <param name="values">[tokens, dim].</param>
    public void Absorb(int first, ReadOnlySpan<float> keys, ReadOnlySpan<float> units, ReadOnlySpan<float> values)
    {
        int tokens = keys.Length / dim;
        if (_found.Length < tokens)
            (_found, _cosines, _freshKeys) = (new int[tokens], new float[tokens], new float[tokens * dim]);
        Span<int> found = _found.AsSpan(0, tokens);
        Span<float> cosines = _cosines.AsSpan(0, tokens);
        Nearest(units, found, cosines);
        _undo.Begin(first, Count);
        _fresh.Clear();
        for (int i = 0; i < tokens; i++)
        {
            if (found[i] >= 0 && cosines[i] > threshold)
                Join(found[i], first, first + i, keys.Slice(i * dim, dim), values.Slice(i * dim, dim));
        }
        for (int i = 0; i < tokens && slots > 0; i++)
        {
            if (found[i] >= 0 && cosines[i] > threshold)
                continue;
            ReadOnlySpan<float> key = keys.Slice(i * dim, dim), value = values.Slice(i * dim, dim);
            int fresh = NearestFresh(units.Slice(i * dim, dim));
            if (fresh < 0)
            {
                Take(first, first + i, key, value);
                continue;
            }
            Join(_fresh[fresh], first, first + i, key, value);
            Tile(_fresh[fresh]).ReadKey(_fresh[fresh] % SlotTile.Slots, _freshKeys.AsSpan(fresh * dim, dim));
        }
    }

    /// <summary>Takes the last block back, exactly.</summary>
    /// <param name="first">Position of its first token.</param>
    /// <returns>False when it is not known any more what was there before.</returns>
    public bool TryUndo(out int first)
    {
        if (!_undo.TryPop(out first, out int count, Restore))
            return false;
        Count = count;
        return true;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Count = 0;
        _tiles.Clear();
        _undo.Clear();
    }

    /// <summary>Writes all slots.</summary>
    public void Save(Stream stream)
    {
        stream.Write(MemoryMarshal.AsBytes<int>([Count]));
        for (int i = 0; i * SlotTile.Slots < Count; i++)
        {
            SlotTile tile = _tiles[i];
            stream.Write(MemoryMarshal.AsBytes<float>(tile.Keys));
            stream.Write(MemoryMarshal.AsBytes<float>(tile.Values));
            stream.Write(MemoryMarshal.AsBytes<float>(tile.Scales));
            stream.Write(MemoryMarshal.AsBytes<int>(tile.Counts));
            stream.Write(MemoryMarshal.AsBytes<int>(tile.Last));
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote into this empty memory.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="end">End of the tokens in the memory; none is after it.</param>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public void Load(Stream stream, int end)
    {
        Span<int> count = stackalloc int[1];
        stream.ReadExactly(MemoryMarshal.AsBytes(count));
        if (count[0] < 0 || count[0] > slots)
            throw new InvalidDataException($"The memory has {count[0]} slots; at most {slots} are allowed.");
        for (int i = 0; i * SlotTile.Slots < count[0]; i++)
        {
            SlotTile tile = new(dim);
            stream.ReadExactly(MemoryMarshal.AsBytes(tile.Keys.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(tile.Values.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(tile.Scales.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(tile.Counts.AsSpan()));
            stream.ReadExactly(MemoryMarshal.AsBytes(tile.Last.AsSpan()));
            for (int lane = 0; lane < Math.Min(SlotTile.Slots, count[0] - (i * SlotTile.Slots)); lane++)
            {
                if (tile.Counts[lane] < 1 || tile.Counts[lane] > end || (uint)tile.Last[lane] >= (uint)end)
                    throw new InvalidDataException($"Slot {(i * SlotTile.Slots) + lane} has {tile.Counts[lane]} tokens, the last at {tile.Last[lane]}; the memory ends at {end}.");
            }
            _tiles.Add(tile);
        }
        Count = count[0];
    }

    private SlotTile Tile(int slot) => _tiles[slot / SlotTile.Slots];

    private void Join(int slot, int blockStart, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        Keep(slot, blockStart);
        SlotTile tile = Tile(slot);
        int lane = slot % SlotTile.Slots;
        float share = 1f / ++tile.Counts[lane];
        tile.Last[lane] = position;
        tile.ReadKey(lane, _row);
        for (int i = 0; i < dim; i++)
            _row[i] += (key[i] - _row[i]) * share;
        tile.WriteKey(lane, _row);
        Span<float> mean = tile.Value(lane);
        for (int i = 0; i < dim; i++)
            mean[i] += (value[i] - mean[i]) * share;
    }

    private void Take(int blockStart, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        int slot = Count < slots ? Count++ : Stalest();
        if (slot / SlotTile.Slots == _tiles.Count)
            _tiles.Add(new(dim));
        Keep(slot, blockStart);
        int known = _fresh.IndexOf(slot);
        if (known < 0)
        {
            known = _fresh.Count;
            _fresh.Add(slot);
        }
        key.CopyTo(_freshKeys.AsSpan(known * dim, dim));
        SlotTile tile = Tile(slot);
        int lane = slot % SlotTile.Slots;
        (tile.Counts[lane], tile.Last[lane]) = (1, position);
        tile.WriteKey(lane, key);
        value.CopyTo(tile.Value(lane));
    }

    // What a slot held before the block; those that the block added are dropped by their number.
    private void Keep(int slot, int blockStart)
    {
        SlotTile tile = Tile(slot);
        int lane = slot % SlotTile.Slots;
        if (slot >= _undo.CountBefore || tile.Last[lane] >= blockStart)
            return;
        tile.ReadKey(lane, _row);
        _undo.Keep(slot, tile.Counts[lane], tile.Last[lane], _row, tile.Value(lane));
    }

    private void Restore(int slot, int tokens, int last, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        SlotTile tile = Tile(slot);
        int lane = slot % SlotTile.Slots;
        (tile.Counts[lane], tile.Last[lane]) = (tokens, last);
        tile.WriteKey(lane, key);
        value.CopyTo(tile.Value(lane));
    }

    // Positions are unique, so there are no equal ages.
    private int Stalest()
    {
        int slot = 0, oldest = int.MaxValue;
        for (int i = 0; i * SlotTile.Slots < Count; i++)
        {
            ReadOnlySpan<int> last = _tiles[i].Last.AsSpan(0, Math.Min(SlotTile.Slots, Count - (i * SlotTile.Slots)));
            int lane = TensorPrimitives.IndexOfMin(last);
            if (last[lane] < oldest)
                (slot, oldest) = ((i * SlotTile.Slots) + lane, last[lane]);
        }
        return slot;
    }

    private int NearestFresh(ReadOnlySpan<float> unit)
    {
        int best = -1;
        float greatest = threshold;
        for (int i = 0; i < _fresh.Count; i++)
        {
            ReadOnlySpan<float> key = _freshKeys.AsSpan(i * dim, dim);
            float cosine = TensorPrimitives.Dot(key, unit) * SlotTile.Scale(key);
            if (cosine > greatest)
                (best, greatest) = (i, cosine);
        }
        return best;
    }
}
