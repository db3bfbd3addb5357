namespace Actors.Storage;

/// <summary>A turn ended.</summary>
/// <param name="Turn">Id of the turn.</param>
/// <param name="Reason">Why: stop, length, cancelled, failed.</param>
/// <param name="Usage">Its counters, as JSON.</param>
/// <param name="Suffix">Token ids that close the answer, computed but not delivered.</param>
public sealed record TurnFinishedRecord(string Turn, string Reason, string Usage, int[] Suffix) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.TurnFinished;

    internal override void Write(RecordWriter writer)
    {
        writer.Text(Turn);
        writer.Text(Reason);
        writer.Text(Usage);
        writer.Numbers(Suffix);
    }

    internal static TurnFinishedRecord Read(ref RecordReader reader)
        => new(reader.Text(), reader.Text(), reader.Text(), reader.Numbers());
}
