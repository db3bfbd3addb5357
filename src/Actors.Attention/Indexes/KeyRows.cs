namespace Actors.Attention;

/// <summary>Keys in the order of their ids, in chunks that never move. Checks what comes in from outside.</summary>
internal sealed class KeyRows(int headDim)
{
    public const int ChunkKeys = 1024;
    private const float Largest = 1e17f; // products of 1,024 such numbers stay finite
    private readonly List<float[]> _chunks = [];

    public int Count { get; private set; }

    public int HeadDim => headDim;

    public long Bytes => (long)_chunks.Count * ChunkKeys * headDim * sizeof(float);

    public ReadOnlySpan<float> this[int id] => _chunks[id / ChunkKeys].AsSpan(id % ChunkKeys * headDim, headDim);

    public void Append(ReadOnlySpan<float> keys)
    {
        int added = CheckRows(keys, nameof(keys));
        for (int i = 0; i < added; i++)
        {
            if (Count % ChunkKeys == 0)
                _chunks.Add(new float[ChunkKeys * headDim]);
            keys.Slice(i * headDim, headDim).CopyTo(_chunks[^1].AsSpan(Count++ % ChunkKeys * headDim));
        }
    }

    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count >= Count)
            return;
        Count = count;
        int chunks = (count + ChunkKeys - 1) / ChunkKeys;
        _chunks.RemoveRange(chunks, _chunks.Count - chunks);
    }

    public float Score(ReadOnlySpan<float> query, int id) => RowKernel.Dot(query, this[id]);

    /// <summary>Rows in a span from outside.</summary>
    public int CheckRows(ReadOnlySpan<float> rows, string name)
    {
        if (rows.Length % headDim != 0)
            throw new ArgumentException($"{rows.Length} floats are not whole rows of {headDim}.", name);
        int bad = FirstBad(rows);
        if (bad >= 0)
            throw new ArgumentException($"Element {bad % headDim} of row {bad / headDim} is {rows[bad]}; an index takes numbers up to {Largest}. Check the model's weights.", name);
        return rows.Length / headDim;
    }

    /// <summary>How many keys a search can return at most; throws when its arguments do not fit.</summary>
    public int CheckSearch(ReadOnlySpan<float> query, int count, int keys, Span<int> ids, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (query.Length != headDim)
            throw new ArgumentException($"The query has {query.Length} elements, the keys have {headDim}.", nameof(query));
        CheckRows(query, nameof(query));
        count = Math.Min(count, keys);
        if (ids.Length < count || scores.Length < count)
            throw new ArgumentException($"{count} keys do not fit into {ids.Length} ids and {scores.Length} scores.", nameof(ids));
        return count;
    }

    private static int FirstBad(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!(MathF.Abs(values[i]) <= Largest))
                return i;
        }
        return -1;
    }
}
