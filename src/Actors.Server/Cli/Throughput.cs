namespace Actors.Server.Cli;

/// <summary>Units per second over a sliding time. Not thread-safe.</summary>
/// <param name="time">Where time comes from.</param>
/// <param name="window">How far back the rate looks.</param>
internal sealed class Throughput(TimeProvider time, TimeSpan window)
{
    private readonly Queue<(long Timestamp, long Done)> _marks = new();

    /// <summary>Adds a mark and returns the rate since the oldest mark in the window, or null while there is no time between them.</summary>
    /// <param name="done">Units done in all.</param>
    public double? Mark(long done)
    {
        long now = time.GetTimestamp();
        _marks.Enqueue((now, done));
        while (_marks.Count > 2 && time.GetElapsedTime(_marks.Peek().Timestamp, now) > window) _marks.Dequeue();
        (long timestamp, long before) = _marks.Peek();
        double seconds = time.GetElapsedTime(timestamp, now).TotalSeconds;
        return seconds > 0 ? (done - before) / seconds : null;
    }
}
