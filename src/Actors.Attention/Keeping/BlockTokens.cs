namespace Actors.Attention;

/// <summary>Tokens that one (layer, KV head) keeps, for each of the query blocks at hand. Kept by block, so rows of one chunk may lie in several; what was read of one block stays while others are filled. Not safe for concurrent use.</summary>
internal sealed class BlockTokens
{
    private Slot[] _slots = [new(), new()];

    public long Bytes => _slots.Sum(slot => (long)slot.Tokens.Length * sizeof(int));

    /// <summary>Makes room for so many blocks at a time.</summary>
    public void Reserve(int blocks)
    {
        if (_slots.Length < blocks)
            _slots = [.. Enumerable.Range(0, blocks).Select(_ => new Slot())];
    }

    /// <summary>Whether a block's tokens were chosen among those before <paramref name="end"/>.</summary>
    public bool Holds(int block, int end) => At(block).End == end;

    /// <summary>Room for a block's tokens, to be filled, ascending.</summary>
    public Span<int> Take(int block, int end, int count)
    {
        Slot slot = At(block);
        if (slot.Tokens.Length < count)
            slot.Tokens = new int[Math.Max(count, Math.Min(2 * slot.Tokens.Length, count + 4096))];
        (slot.End, slot.Count) = (end, count);
        return slot.Tokens.AsSpan(0, count);
    }

    public ReadOnlySpan<int> Read(int block) => At(block).Tokens.AsSpan(0, At(block).Count);

    /// <summary>Forgets what was chosen among tokens that are no more.</summary>
    public void Truncate(int tokens)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.End > tokens)
                slot.End = -1;
        }
    }

    private Slot At(int block) => _slots[block % _slots.Length];

    private sealed class Slot
    {
        public int[] Tokens = [];
        public int Count, End = -1;
    }
}
