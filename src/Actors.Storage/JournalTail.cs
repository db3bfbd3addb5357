namespace Actors.Storage;

/// <summary>A record that was being written when the process or the machine stopped; it was cut off when the journal was opened.</summary>
/// <param name="Offset">Byte at which it began.</param>
/// <param name="Bytes">Bytes that were cut.</param>
public readonly record struct JournalTail(long Offset, long Bytes);
