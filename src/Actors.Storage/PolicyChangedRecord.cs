namespace Actors.Storage;

/// <summary>The session goes on under another attention policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="TokenCount">Tokens computed under the policies before.</param>
public sealed record PolicyChangedRecord(string Policy, int TokenCount) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.PolicyChanged;

    internal override void Write(RecordWriter writer)
    {
        writer.Text(Policy);
        writer.Number(TokenCount);
    }

    internal static PolicyChangedRecord Read(ref RecordReader reader) => new(reader.Text(), reader.Number());
}
