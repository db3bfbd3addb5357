namespace Actors.Storage;

/// <summary>A record where it stands.</summary>
/// <param name="Record">The record.</param>
/// <param name="Offset">Byte at which it begins.</param>
/// <param name="End">Byte after it: where the next record begins.</param>
public readonly record struct JournalEntry(JournalRecord Record, long Offset, long End);
