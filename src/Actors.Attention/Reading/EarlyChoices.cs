using System.Runtime.InteropServices;

namespace Actors.Attention;

/// <summary>Keys found for the first rows of a short chunk before an index went on. Written by the owner thread, read by any.</summary>
internal sealed class EarlyChoices
{
    private readonly List<int> _tokens = [];
    private readonly List<float> _scores = [];
    private readonly List<int> _ends = [];    // [rows]
    private readonly List<long> _scored = [];
    private int _first, _last;

    public void Clear()
    {
        _tokens.Clear();
        _scores.Clear();
        _ends.Clear();
        _scored.Clear();
    }

    /// <summary>Adds what was found for the next query head of a position; positions and heads ascending.</summary>
    public void Add(int position, FoundKeys found)
    {
        if (_ends.Count == 0)
            _first = position;
        _last = position;
        _tokens.AddRange(found.Ids);
        _scores.AddRange(found.Scores);
        _ends.Add(_tokens.Count);
        _scored.Add(found.Scratch.Scored);
    }

    public bool Holds(int position) => _ends.Count > 0 && position >= _first && position <= _last;

    /// <summary>What was found for a query head of a position; counts what finding it compared.</summary>
    public void Take(int position, int head, int groupSize, ref ReadCounts counts, out ReadOnlySpan<int> tokens, out ReadOnlySpan<float> scores)
    {
        int row = ((position - _first) * groupSize) + head, start = row == 0 ? 0 : _ends[row - 1];
        counts.Scored += _scored[row];
        tokens = CollectionsMarshal.AsSpan(_tokens)[start.._ends[row]];
        scores = CollectionsMarshal.AsSpan(_scores)[start.._ends[row]];
    }
}
