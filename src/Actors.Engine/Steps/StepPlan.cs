namespace Actors.Engine;

/// <summary>What one step computes: segments in row order, packed without gaps. Reused from step to step.</summary>
internal sealed class StepPlan
{
    private readonly List<Segment> _segments = [];

    public int SegmentCount { get; private set; }

    public int Rows { get; private set; }

    public int DecodeRows { get; private set; }

    public Segment this[int index] => _segments[index];

    public void Clear()
    {
        for (int i = 0; i < SegmentCount; i++)
            _segments[i].Clear();
        (SegmentCount, Rows, DecodeRows) = (0, 0, 0);
    }

    /// <summary>Adds the next <paramref name="rows"/> tokens of a turn, which are the <paramref name="last"/> that it knows or not.</summary>
    public void Add(Turn turn, int firstToken, int rows, bool last)
    {
        if (SegmentCount == _segments.Count)
            _segments.Add(new Segment());
        Segment segment = _segments[SegmentCount++];
        segment.Set(turn, firstToken, Rows, rows, last);
        Rows += rows;
        if (segment.Decodes)
            DecodeRows += rows;
    }
}
