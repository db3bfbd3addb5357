namespace Actors.Attention;

/// <summary>
/// Queries of one layer at the ends of the last prompt chunks. Several chunks, so that a cut back to where one of them began finds the queries before it as they were. Owner thread
/// writes, readers only between its calls.
/// </summary>
/// <param name="rows">Rows kept of a chunk at most.</param>
/// <param name="rowFloats">Floats of a row.</param>
internal sealed class PromptTails(int rows, int rowFloats)
{
    private const int Chunks = 4;
    private readonly List<(int Start, int End, float[] Queries)> _tails = [];

    public long Bytes => _tails.Sum(tail => (long)tail.Queries.Length * sizeof(float));

    /// <summary>End of the newest chunk, 0 when none is known.</summary>
    public int End => _tails.Count == 0 ? 0 : _tails[^1].End;

    /// <summary>Takes the last queries of a chunk.</summary>
    /// <param name="firstToken">Position of the chunk's first row.</param>
    /// <param name="queries">[tokens, queryHeads, headDim].</param>
    public void Add(int firstToken, ReadOnlySpan<float> queries)
    {
        int tokens = queries.Length / rowFloats, kept = Math.Min(rows, tokens);
        _tails.Add((firstToken + tokens - kept, firstToken + tokens, queries[((tokens - kept) * rowFloats)..].ToArray()));
        if (_tails.Count > Chunks)
            _tails.RemoveAt(0);
    }

    /// <summary>Rows known without a gap before a position.</summary>
    public int Known(int end)
    {
        int start = end;
        for (int i = _tails.Count - 1; i >= 0; i--)
        {
            if (_tails[i].Start < start && _tails[i].End >= start)
                start = _tails[i].Start;
        }
        return Math.Min(end - start, rows);
    }

    /// <summary>The last queries before a position, [<see cref="Known"/>, queryHeads, headDim].</summary>
    public float[] Read(int end)
    {
        int start = end - Known(end);
        float[] queries = new float[(end - start) * rowFloats];
        foreach ((int first, int last, float[] tail) in _tails)
        {
            int from = Math.Max(first, start), to = Math.Min(last, end);
            if (from < to)
                tail.AsSpan((from - first) * rowFloats, (to - from) * rowFloats).CopyTo(queries.AsSpan((from - start) * rowFloats));
        }
        return queries;
    }

    /// <summary>Forgets rows from a position on.</summary>
    public void Truncate(int tokens)
    {
        while (_tails.Count > 0 && _tails[^1].Start >= tokens)
            _tails.RemoveAt(_tails.Count - 1);
        if (End > tokens)
            _tails[^1] = (_tails[^1].Start, tokens, _tails[^1].Queries[..((tokens - _tails[^1].Start) * rowFloats)]);
    }
}
