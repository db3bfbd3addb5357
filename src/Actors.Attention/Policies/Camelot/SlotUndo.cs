namespace Actors.Attention;

/// <summary>What the last blocks of a memory overwrote, so that they can be taken back: a rewind of a few thousand tokens then costs no replay.</summary>
/// <param name="dim">Elements of a key and of a value.</param>
internal sealed class SlotUndo(int dim)
{
    /// <summary>Blocks that can be taken back.</summary>
    public const int Blocks = 32;

    private readonly List<Block> _blocks = [];

    public delegate void Restorer(int slot, int tokens, int last, ReadOnlySpan<float> key, ReadOnlySpan<float> value);

    /// <summary>Slots before the present block.</summary>
    public int CountBefore => _blocks[^1].CountBefore;

    public long Bytes => _blocks.Sum(block => (long)(block.Slots.Capacity * 3 * sizeof(int)) + (block.Rows.Length * sizeof(float)));

    /// <summary>A block begins.</summary>
    public void Begin(int first, int countBefore)
    {
        Block block = new();
        if (_blocks.Count == Blocks)
        {
            block = _blocks[0];
            _blocks.RemoveAt(0);
            block.Slots.Clear();
        }
        (block.First, block.CountBefore) = (first, countBefore);
        _blocks.Add(block);
    }

    /// <summary>The present block is about to overwrite a slot, for the first time.</summary>
    public void Keep(int slot, int tokens, int last, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        Block block = _blocks[^1];
        int at = block.Slots.Count * 2 * dim;
        if (block.Rows.Length < at + (2 * dim))
            Array.Resize(ref block.Rows, Math.Max(16 * dim, 2 * block.Rows.Length));
        key.CopyTo(block.Rows.AsSpan(at));
        value.CopyTo(block.Rows.AsSpan(at + dim));
        block.Slots.Add((slot, tokens, last));
    }

    /// <summary>Gives back what the last block overwrote.</summary>
    public bool TryPop(out int first, out int countBefore, Restorer restore)
    {
        (first, countBefore) = (0, 0);
        if (_blocks.Count == 0)
            return false;
        Block block = _blocks[^1];
        _blocks.RemoveAt(_blocks.Count - 1);
        (first, countBefore) = (block.First, block.CountBefore);
        for (int i = 0; i < block.Slots.Count; i++)
        {
            (int slot, int tokens, int last) = block.Slots[i];
            restore(slot, tokens, last, block.Rows.AsSpan(i * 2 * dim, dim), block.Rows.AsSpan((i * 2 * dim) + dim, dim));
        }
        return true;
    }

    public void Clear() => _blocks.Clear();

    private sealed class Block
    {
        public readonly List<(int Slot, int Tokens, int Last)> Slots = [];
        public float[] Rows = []; // [slots, 2, dim]
        public int First, CountBefore;
    }
}
