namespace Actors.Storage;

/// <summary>Tokens that were generated; journaled before they are delivered.</summary>
/// <param name="Turn">Id of the turn.</param>
/// <param name="FirstSequence">Number within the turn of the first token, from 0.</param>
/// <param name="Tokens">The token ids.</param>
public sealed record TokensRecord(string Turn, long FirstSequence, int[] Tokens) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.Tokens;

    internal override void Write(RecordWriter writer)
    {
        writer.Text(Turn);
        writer.LongNumber(FirstSequence);
        writer.Numbers(Tokens);
    }

    internal static TokensRecord Read(ref RecordReader reader) => new(reader.Text(), reader.LongNumber(), reader.Numbers());
}
