namespace Actors.Attention;

/// <summary>
/// The slots that the tokens of one block, and those right before it, retrieved from one memory, for one KV head: each slot once, in the order in which tokens first found it, so that
/// what a token may see is a beginning of the list.
/// </summary>
/// <param name="headDim">Elements per head.</param>
internal sealed class RetrievedSlots(int headDim)
{
    private readonly List<int> _slots = [];
    private readonly List<int> _entries = [];   // [tokens], entry that the token retrieved
    private readonly List<int> _visible = [];   // [tokens], entries up to and with the token's own
    private float[] _keys = [], _values = [], _logCounts = [];

    /// <summary>Block that the list belongs to; negative for none.</summary>
    public int Block { get; private set; } = -1;

    /// <summary>First token that retrieved.</summary>
    public int First { get; private set; }

    /// <summary>End of the tokens that retrieved.</summary>
    public int End => First + _entries.Count;

    public int Entries => _slots.Count;

    /// <summary>[entries, headDim].</summary>
    public ReadOnlySpan<float> Keys => _keys.AsSpan(0, Entries * headDim);

    /// <summary>[entries, headDim].</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Entries * headDim);

    /// <summary>[entries], natural logarithm of the tokens averaged in each.</summary>
    public ReadOnlySpan<float> LogCounts => _logCounts.AsSpan(0, Entries);

    public long Bytes => (_keys.Length + _values.Length + _logCounts.Length + _entries.Capacity + _visible.Capacity + _slots.Capacity) * (long)sizeof(float);

    /// <summary>Entries that a token may see.</summary>
    public int Visible(int token) => token < First ? 0 : _visible[token - First];

    /// <summary>Entry that a token retrieved.</summary>
    public int Entry(int token) => _entries[token - First];

    /// <summary>Starts a block's list.</summary>
    public void Begin(int block, int first)
    {
        (Block, First) = (block, first);
        _slots.Clear();
        _entries.Clear();
        _visible.Clear();
    }

    /// <summary>The next token retrieved a slot.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="element">First element of this head in the memory's keys and values.</param>
    /// <param name="mean">[headDim], added to the key; empty for nothing.</param>
    public void Add(AssociativeMemory memory, int slot, int element, ReadOnlySpan<float> mean)
    {
        int entry = _slots.IndexOf(slot);
        if (entry < 0)
        {
            entry = Entries;
            _slots.Add(slot);
            Reserve();
            Span<float> key = _keys.AsSpan(entry * headDim, headDim);
            memory.Read(slot, element, key, _values.AsSpan(entry * headDim, headDim));
            for (int i = 0; i < mean.Length; i++)
                key[i] += mean[i];
            _logCounts[entry] = MathF.Log(memory.Tokens(slot));
        }
        _entries.Add(entry);
        _visible.Add(Entries);
    }

    /// <summary>Drops the tokens from a position on.</summary>
    public void Truncate(int end)
    {
        if (Block < 0 || end >= End)
            return;
        int tokens = Math.Max(end - First, 0), entries = tokens == 0 ? 0 : _visible[tokens - 1];
        _entries.RemoveRange(tokens, _entries.Count - tokens);
        _visible.RemoveRange(tokens, _visible.Count - tokens);
        _slots.RemoveRange(entries, _slots.Count - entries);
    }

    private void Reserve()
    {
        if (_logCounts.Length >= Entries)
            return;
        int entries = Math.Max(32, 2 * _logCounts.Length);
        Array.Resize(ref _keys, entries * headDim);
        Array.Resize(ref _values, entries * headDim);
        Array.Resize(ref _logCounts, entries);
    }
}
