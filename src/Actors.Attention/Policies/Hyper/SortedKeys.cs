namespace Actors.Attention;

/// <summary>
/// Keys and query rows of one head in the order of their hashes, and the result of each row. It grows to what is needed and then allocates nothing.
/// </summary>
internal sealed class SortedKeys
{
    private int[] _tokens = [], _blocks = [], _rows = [], _drawn = [];
    private byte[] _buckets = [];
    private float[] _partials = [];

    public long Bytes => (4L * (_tokens.Length + _blocks.Length + _rows.Length + _drawn.Length + _partials.Length)) + _buckets.Length + Samples.Bytes;

    /// <summary>Keys drawn from all.</summary>
    public KeyPack Samples { get; } = new();

    /// <summary>First key.</summary>
    public int First { get; private set; }

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>Keys of a block.</summary>
    public int BlockTokens { get; private set; }

    public int Blocks => (Count + BlockTokens - 1) / BlockTokens;

    /// <summary>Buckets of keys or rows, to be written before they are sorted.</summary>
    public Span<byte> Buckets => _buckets;

    /// <summary>The keys in their order.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Rows of the query block in their order: for each query head all tokens.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>Block of the order in which a key lies.</summary>
    public int BlockOf(int token) => _blocks[token - First];

    /// <summary>Starts anew.</summary>
    public void Reset(int first, int count, int blockTokens, int rows)
    {
        (First, Count, BlockTokens) = (first, count, blockTokens);
        if (_tokens.Length < count)
            (_tokens, _blocks) = (new int[count + (count / 4)], new int[count + (count / 4)]);
        if (_buckets.Length < Math.Max(count + 64, rows))
            _buckets = new byte[Math.Max(count + 64, rows) * 5 / 4];
        if (_rows.Length < rows)
            _rows = new int[rows];
    }

    /// <summary>Room for the tokens that are drawn.</summary>
    public Span<int> Drawn(int count)
    {
        if (_drawn.Length < count)
            _drawn = new int[count];
        return _drawn.AsSpan(0, count);
    }

    /// <summary>Sorts the keys by <see cref="Buckets"/>, equal ones by position.</summary>
    public void SortKeys()
    {
        Sort(_buckets.AsSpan(0, Count), _tokens);
        for (int place = 0; place < Count; place++)
        {
            _blocks[_tokens[place]] = place / BlockTokens;
            _tokens[place] += First;
        }
    }

    /// <summary>Sorts the rows by <see cref="Buckets"/>, each query head apart: bucket and result of token t and head h stand at h * tokens + t.</summary>
    public void SortRows(int tokens, int groupSize)
    {
        for (int head = 0; head < groupSize; head++)
        {
            Span<int> order = _rows.AsSpan(head * tokens, tokens);
            Sort(_buckets.AsSpan(head * tokens, tokens), order);
            for (int i = 0; i < tokens; i++)
                order[i] = (order[i] * groupSize) + head;
        }
    }

    /// <summary>Results of rows as <see cref="QueryBlock.StorePartial"/> writes them.</summary>
    public Span<float> Partials(int floats)
    {
        if (_partials.Length < floats)
            Array.Resize(ref _partials, floats);
        return _partials.AsSpan(0, floats);
    }

    private static void Sort(ReadOnlySpan<byte> buckets, Span<int> order)
    {
        Span<int> starts = stackalloc int[AngularHash.Buckets + 1];
        starts.Clear();
        foreach (byte bucket in buckets)
            starts[bucket + 1]++;
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        for (int i = 0; i < buckets.Length; i++)
            order[starts[buckets[i]]++] = i;
    }
}
