namespace Actors.Engine;

/// <summary>The engine refused a turn because its waiting queue is full. Nothing was changed; the same turn may be sent again later.</summary>
/// <param name="message">What is full and what to do.</param>
/// <param name="retryAfter">When a place is likely to be free.</param>
public sealed class EngineBusyException(string message, TimeSpan retryAfter) : Exception(message)
{
    /// <summary>When a place is likely to be free, from the recent rate of finished turns. At least one second.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
