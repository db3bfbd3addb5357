namespace Actors.Models;

/// <summary>Turns matches in rising order into pieces, as a <see cref="SplitBehavior"/> asks; positions are relative to an offset.</summary>
internal ref struct PieceCollector(List<TextRange> pieces, SplitBehavior behavior, bool invert, int offset)
{
    private int _end;
    private int _pendingStart = -1;
    private bool _previousIsMatch = true;

    public void Match(int start, int end)
    {
        if (end == start) return;
        Add(_end, start, invert);
        Add(start, end, !invert);
        _end = end;
    }

    public void End(int length)
    {
        Add(_end, length, invert);
        if (_pendingStart >= 0) pieces.Add(new TextRange(offset + _pendingStart, length - _pendingStart));
    }

    private void Add(int start, int end, bool isMatch)
    {
        if (start == end) return;
        switch (behavior)
        {
            case SplitBehavior.Removed when isMatch:
                break;
            case SplitBehavior.MergedWithPrevious when isMatch && !_previousIsMatch:
                pieces[^1] = pieces[^1] with { Length = offset + end - pieces[^1].Start };
                break;
            case SplitBehavior.MergedWithNext:
                if (isMatch)
                {
                    if (_pendingStart >= 0) pieces.Add(new TextRange(offset + _pendingStart, start - _pendingStart));
                    _pendingStart = start;
                }
                else
                {
                    int from = _pendingStart >= 0 ? _pendingStart : start;
                    pieces.Add(new TextRange(offset + from, end - from));
                    _pendingStart = -1;
                }

                break;
            default:
                pieces.Add(new TextRange(offset + start, end - start));
                break;
        }

        _previousIsMatch = isMatch;
    }
}
