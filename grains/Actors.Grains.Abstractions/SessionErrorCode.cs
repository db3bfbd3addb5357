namespace Actors.Grains.Abstractions;

/// <summary>Why a session refused or ended a call. The numbers are part of the wire format and only grow.</summary>
public enum SessionErrorCode
{
    /// <summary>The request can never work as it stands.</summary>
    InvalidRequest = 0,

    /// <summary>Too many turns wait, in this session or in the engine. Try again later.</summary>
    Busy = 1,

    /// <summary>The disk refused a write because it is full. Nothing that was accepted is lost.</summary>
    StorageFull = 2,

    /// <summary>The journal of the session is damaged, so that its history cannot be trusted.</summary>
    JournalDamaged = 3,

    /// <summary>The session grows beyond a configured limit.</summary>
    TooLong = 4,

    /// <summary>The storage failed for another reason than a full disk.</summary>
    StorageFailed = 5,

    /// <summary>Another writer has taken the session over.</summary>
    Fenced = 6,

    /// <summary>The engine failed or is stopping.</summary>
    EngineFailed = 7,

    /// <summary>The silo is stopping; another one, or the same one later, goes on.</summary>
    Stopping = 8,
}
