namespace Actors.Attention;

/// <summary>Queries of the chunk that one layer is reading, kept by position until the chunk is whole. Owner thread.</summary>
internal sealed class ChunkQueries(int chunkTokens, int rowFloats)
{
    private readonly float[] _rows = new float[chunkTokens * rowFloats];
    private int _from, _to; // positions that are held; all of one chunk

    public long Bytes => (long)_rows.Length * sizeof(float);

    /// <summary>Takes rows up to the end of their chunk.</summary>
    /// <param name="position">Position of the first one.</param>
    /// <param name="queries">[rows, rowFloats].</param>
    /// <returns>Rows taken, at least 1.</returns>
    public int Add(int position, ReadOnlySpan<float> queries)
    {
        int place = position % chunkTokens, count = Math.Min(chunkTokens - place, queries.Length / rowFloats);
        if (position != _to || place == 0)
            _from = position;
        queries[..(count * rowFloats)].CopyTo(_rows.AsSpan(place * rowFloats));
        _to = position + count;
        return count;
    }

    /// <summary>Whether all rows of a chunk are held.</summary>
    public bool Holds(int chunk) => _from == chunk * chunkTokens && _to == _from + chunkTokens;

    /// <summary>[queryHeads, headDim] of a place in the chunk.</summary>
    public ReadOnlySpan<float> Row(int place) => _rows.AsSpan(place * rowFloats, rowFloats);

    /// <summary>Forgets the rows from a position on.</summary>
    public void Truncate(int tokens)
    {
        _to = Math.Min(_to, tokens);
        _from = Math.Min(_from, _to);
    }
}
