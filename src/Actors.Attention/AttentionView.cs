namespace Actors.Attention;

/// <summary>Where keys stand that a query reads outside of its exact window.</summary>
public enum SinkPlacement
{
    /// <summary>Sinks keep slots 0, 1, ... and the query stands right after sinks and window (StreamingLLM).</summary>
    Slots,

    /// <summary>Sinks and distant keys are read un-roped and the query at one constant distance (InfLLM).</summary>
    Constant,

    /// <summary>Sinks and distant keys keep their true positions.</summary>
    True,
}

/// <summary>
/// What the query at one position sees: an exact window at true positions, the sinks before it, and perhaps distant keys chosen by content.
/// A window that starts at 0 is dense attention.
/// </summary>
/// <param name="WindowStart">First token of the exact window, which ends with the query itself.</param>
/// <param name="SinkTokens">Tokens [0, SinkTokens) read beside the window; they never overlap it.</param>
/// <param name="Sinks">At which positions sinks and distant keys are read.</param>
/// <param name="Distance">Tokens between the query and the sinks (slots: position of the query in the cache; constant: the one distance; true: not used).</param>
/// <param name="Distant">True when keys of [SinkTokens, WindowStart) are chosen by content and read as <paramref name="Sinks"/> says.</param>
public readonly record struct AttentionView(int WindowStart, int SinkTokens, SinkPlacement Sinks, int Distance, bool Distant)
{
    /// <summary>Every key at its true position.</summary>
    public static AttentionView Dense => default;
}
