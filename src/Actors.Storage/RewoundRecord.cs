namespace Actors.Storage;

/// <summary>The session was cut back; the tokens from here on are no longer part of it.</summary>
/// <param name="TokenCount">Tokens that remain.</param>
public sealed record RewoundRecord(int TokenCount) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.Rewound;

    internal override void Write(RecordWriter writer) => writer.Number(TokenCount);

    internal static RewoundRecord Read(ref RecordReader reader) => new(reader.Number());
}
