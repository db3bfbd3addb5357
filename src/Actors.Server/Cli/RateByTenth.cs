namespace Actors.Server.Cli;

/// <summary>How fast something long went in each tenth of it. Not thread-safe.</summary>
/// <param name="time">Where time comes from; measuring begins now.</param>
internal sealed class RateByTenth(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly List<(double Seconds, long Done)> _marks = [(0, 0)];

    /// <summary>Notes how many units are done now. Marks without progress are dropped, so that waiting counts to the units that follow.</summary>
    public void Mark(long done)
    {
        if (done > _marks[^1].Done) _marks.Add((time.GetElapsedTime(_start).TotalSeconds, done));
    }

    /// <summary>Units per second of each tenth, by linear interpolation between marks; empty when there are fewer than ten marks.</summary>
    public double[] Rates()
    {
        if (_marks.Count <= 10) return [];
        double share = _marks[^1].Done / 10.0;
        return [.. Enumerable.Range(0, 10).Select(i => share / Math.Max(1e-9, SecondsAt(share * (i + 1)) - SecondsAt(share * i)))];
    }

    private double SecondsAt(double done)
    {
        int next = _marks.FindIndex(1, mark => mark.Done >= done);
        if (next < 0) next = _marks.Count - 1;
        ((double before, long from), (double after, long to)) = (_marks[next - 1], _marks[next]);
        return before + ((after - before) * (done - from) / (to - from));
    }
}
