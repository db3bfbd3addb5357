using System.Text.Json;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>Reads a journal into a history.</summary>
internal static class JournalReplay
{
    /// <summary>Name of the note that says under what the session is written from there on.</summary>
    public const string OriginNote = "origin";

    /// <summary>Role of an item that begins the whole history anew, written by another tokenizer. Its text is the origin.</summary>
    public const string RewrittenRole = "rewritten";

    /// <param name="records">The records in order.</param>
    /// <param name="updated">When the journal was written last.</param>
    /// <exception cref="InvalidDataException">A record is not what this version writes.</exception>
    public static SessionHistory Read(IEnumerable<JournalEntry> records, DateTimeOffset updated)
    {
        var history = new SessionHistory();
        foreach (JournalEntry entry in records)
        {
            switch (entry.Record)
            {
                case NoteRecord { Name: OriginNote } note:
                    history.Open(OriginOf(note.Content, entry));
                    break;
                case InputRecord { Items: [{ Role: RewrittenRole } origin, ..] } rewritten:
                    history.Rewrite(OriginOf(origin.Text, entry), rewritten.Items.Skip(1));
                    break;
                case InputRecord input:
                    history.AddInput(input.Items, updated);
                    break;
                case TurnStartedRecord started:
                    history.StartTurn(started.Turn, started.Prefix, updated);
                    break;
                case TokensRecord tokens:
                    history.AddAnswer(tokens.Tokens, updated);
                    break;
                case TurnFinishedRecord finished:
                    history.FinishTurn(ReasonOf(finished.Reason), SummaryOf(finished, entry).Usage, updated);
                    break;
                case PolicyChangedRecord changed:
                    history.ChangePolicy(changed.Policy, updated);
                    break;
                default:
                    throw new InvalidDataException($"The journal has a record of kind {entry.Record.GetType().Name} at byte {entry.Offset}, which this version does not know. Use a newer version.");
            }
        }

        history.DropAnswerThatNeverBegan();
        return history;
    }

    internal static TurnSummary SummaryOf(TurnFinishedRecord finished, JournalEntry entry) =>
        JsonSerializer.Deserialize(finished.Usage, SessionJson.Default.TurnSummary) ?? throw Unreadable(entry);

    private static SessionOrigin OriginOf(string content, JournalEntry entry) =>
        JsonSerializer.Deserialize(content, SessionJson.Default.SessionOrigin) ?? throw Unreadable(entry);

    private static Abstractions.TurnEndReason ReasonOf(string reason) => reason switch
    {
        "stop" => Abstractions.TurnEndReason.Stop,
        "length" => Abstractions.TurnEndReason.Length,
        _ => Abstractions.TurnEndReason.Cancelled,
    };

    private static InvalidDataException Unreadable(JournalEntry entry) => new($"The journal record at byte {entry.Offset} holds no content.");
}
