namespace Actors.Storage;

/// <summary>Kind of a record, as it stands in journals: never renumber.</summary>
internal enum JournalKind : byte
{
    Input = 1,
    TurnStarted = 2,
    Tokens = 3,
    TurnFinished = 4,
    PolicyChanged = 5,
    Rewound = 6,
    Note = 7,
}
