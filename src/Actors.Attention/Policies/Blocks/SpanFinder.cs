namespace Actors.Attention;

/// <summary>
/// Cuts a segment into spans: triangles of the attention map that hold more attention than their size costs. The score of a span [x, y] is the sum of <c>A[i, j] - threshold</c> over its pairs,
/// from two-dimensional prefix sums; the best are taken, those that overlap a better one too much are dropped, what is left uncovered becomes spans of its own. One thread.
/// </summary>
/// <remarks>Source: arXiv:2412.04757 (Ltri-LLM).</remarks>
internal sealed class SpanFinder(SpanOptions options)
{
    private readonly double[] _sums = new double[(options.SegmentTokens + 1) * (options.SegmentTokens + 1)]; // [i, j]: all of A before row i and column j
    private readonly int[] _owner = new int[options.SegmentTokens]; // span that a token belongs to, 0 for none
    private readonly List<(double Score, int Start, int End)> _candidates = [], _taken = [];

    /// <summary>Finds the spans of a segment.</summary>
    /// <param name="map">[n, n] attention of token i to an earlier token j; rows add up to 1, the rest is 0.</param>
    /// <param name="starts">The first token of each span is added, ascending, counted from <paramref name="offset"/>; a span ends where the next begins.</param>
    /// <param name="offset">Number of the segment's first token.</param>
    public void Find(ReadOnlySpan<float> map, List<int> starts, int offset)
    {
        int n = options.SegmentTokens;
        Sum(map, n);
        _candidates.Clear();
        for (int start = 0; start < n; start++)
        {
            for (int end = start + 2; end <= Math.Min(n, start + options.MostTokens); end++)
            {
                double score = Score(start, end);
                if (score > 0)
                    _candidates.Add((score, start, end));
            }
        }
        _candidates.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        Take();
        int open = 0;
        for (int token = 0; token < n; token++)
        {
            if (token == 0 || _owner[token] != _owner[token - 1] || token - open >= options.MostTokens)
            {
                open = token;
                starts.Add(offset + token);
            }
        }
    }

    // Gives tokens to the best spans first. What a span loses to a better one that it overlaps little is not its own.
    private void Take()
    {
        _taken.Clear();
        Array.Clear(_owner);
        foreach ((double Score, int Start, int End) candidate in _candidates)
        {
            bool free = true;
            for (int i = 0; i < _taken.Count && free; i++)
            {
                int shared = Math.Min(candidate.End, _taken[i].End) - Math.Max(candidate.Start, _taken[i].Start);
                free = shared <= 0 || shared <= options.Overlap * (candidate.End - candidate.Start + _taken[i].End - _taken[i].Start - shared);
            }
            if (!free)
                continue;
            _taken.Add(candidate);
            for (int token = candidate.Start; token < candidate.End; token++)
            {
                if (_owner[token] == 0)
                    _owner[token] = _taken.Count;
            }
        }
    }

    private double Score(int start, int end)
    {
        int width = options.SegmentTokens + 1, length = end - start;
        double inside = _sums[(end * width) + end] - _sums[(start * width) + end] - _sums[(end * width) + start] + _sums[(start * width) + start];
        return inside - (options.Threshold * length * (length - 1) / 2.0);
    }

    private void Sum(ReadOnlySpan<float> map, int n)
    {
        int width = n + 1;
        for (int i = 0; i < n; i++)
        {
            double row = 0;
            for (int j = 0; j < n; j++)
            {
                row += map[(i * n) + j];
                _sums[((i + 1) * width) + j + 1] = _sums[(i * width) + j + 1] + row;
            }
        }
    }
}
