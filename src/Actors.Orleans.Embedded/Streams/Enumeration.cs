namespace Orleans.Runtime;

/// <summary>The grain's end of a streaming result. Used in turns of its activation only.</summary>
internal abstract class Enumeration
{
    /// <summary>Whether a pull came since the last look of the cleaner, or is under way.</summary>
    public bool WasUsed { get; set; } = true;

    public bool IsBusy { get; protected set; }

    /// <summary>Waits for at least one item and gives those that are ready, a heartbeat after half the response timeout, or the end.</summary>
    public abstract ValueTask<(EnumerationResult Status, object? Value)> PullAsync(CancellationToken ct);

    /// <summary>Cancels the sequence and disposes it.</summary>
    public abstract ValueTask DisposeAsync();
}
