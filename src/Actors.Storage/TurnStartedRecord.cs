namespace Actors.Storage;

/// <summary>A turn began to generate.</summary>
/// <param name="Turn">Id of the turn.</param>
/// <param name="Options">Its options, as JSON.</param>
/// <param name="Prefix">Token ids that open the answer, computed but not delivered.</param>
public sealed record TurnStartedRecord(string Turn, string Options, int[] Prefix) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.TurnStarted;

    internal override void Write(RecordWriter writer)
    {
        writer.Text(Turn);
        writer.Text(Options);
        writer.Numbers(Prefix);
    }

    internal static TurnStartedRecord Read(ref RecordReader reader) => new(reader.Text(), reader.Text(), reader.Numbers());
}
