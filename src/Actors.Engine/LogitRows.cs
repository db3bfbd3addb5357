namespace Actors.Engine;

/// <summary>The positions of a turn's input whose logits the caller wants to see.</summary>
public enum LogitRows
{
    /// <summary>None: the engine runs the head only where it samples.</summary>
    None,

    /// <summary>The last input token only.</summary>
    Last,

    /// <summary>Every input token that is computed in this turn. Turns off the reuse of equal prefixes.</summary>
    All,
}
