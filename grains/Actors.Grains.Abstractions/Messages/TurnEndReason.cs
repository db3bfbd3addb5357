namespace Actors.Grains.Abstractions;

/// <summary>Why an answer ended. The numbers are part of the wire format and only grow.</summary>
public enum TurnEndReason
{
    /// <summary>The model ended its answer, or a stop text was met.</summary>
    Stop = 0,

    /// <summary>The longest allowed answer was reached.</summary>
    Length = 1,

    /// <summary>The caller went away.</summary>
    Cancelled = 2,
}
