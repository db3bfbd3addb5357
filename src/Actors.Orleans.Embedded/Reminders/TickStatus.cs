namespace Orleans.Runtime;

/// <summary>Times of a reminder tick, in UTC.</summary>
[Immutable]
public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
{
    /// <summary>Time of the first tick.</summary>
    public DateTime FirstTickTime { get; } = firstTickTime;

    /// <summary>Period.</summary>
    public TimeSpan Period { get; } = period;

    /// <summary>Time of this tick.</summary>
    public DateTime CurrentTickTime { get; } = timeStamp;

    /// <inheritdoc/>
    public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
}
