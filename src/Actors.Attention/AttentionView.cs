namespace Actors.Attention;

/// <summary>Where the sink tokens stand for a query that no longer sees them in its window.</summary>
public enum SinkPlacement
{
    /// <summary>Sinks keep slots 0, 1, ... and the query stands right after sinks and window (StreamingLLM).</summary>
    Slots,

    /// <summary>Sinks are read un-roped and the query at one constant distance, like all distant keys (InfLLM).</summary>
    Constant,
}

/// <summary>
/// What the query at one position sees: an exact window at true positions, the sinks before it, and perhaps distant groups chosen by content.
/// A window that starts at 0 is dense attention.
/// </summary>
/// <param name="WindowStart">First token of the exact window, which ends with the query itself.</param>
/// <param name="SinkTokens">Tokens [0, SinkTokens) read beside the window; they never overlap it.</param>
/// <param name="Sinks">At which positions the sinks are read.</param>
/// <param name="Distance">Tokens between the query and the sinks (slots: position of the query in the cache; constant: the one distance).</param>
/// <param name="Distant">True when whole 16-token groups of [SinkTokens, WindowStart) are chosen by content and read at <paramref name="Distance"/>.</param>
public readonly record struct AttentionView(int WindowStart, int SinkTokens, SinkPlacement Sinks, int Distance, bool Distant)
{
    /// <summary>Every key at its true position.</summary>
    public static AttentionView Dense => default;
}
