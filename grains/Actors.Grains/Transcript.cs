using Actors.Grains.Abstractions;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>The texts of a journal, from which another tokenizer can write the conversation again.</summary>
internal static class Transcript
{
    /// <param name="records">The records in order.</param>
    /// <returns>
    /// All items; answers of the model have the role <see cref="SessionModel.AnswerRole"/>. An answer whose end is not in the journal is
    /// empty: only the tokenizer that is gone could read it.
    /// </returns>
    public static List<SessionItem> Read(IEnumerable<JournalEntry> records)
    {
        List<SessionItem> items = [];
        bool goesOn = false, cut = false;
        foreach (JournalEntry entry in records)
        {
            switch (entry.Record)
            {
                case InputRecord { Items: [{ Role: JournalReplay.RewrittenRole }, ..] } rewritten:
                    items.Clear();
                    items.AddRange(rewritten.Items.Skip(1).Select(ToItem));
                    break;
                case InputRecord input:
                    items.AddRange(input.Items.Select(ToItem));
                    break;
                case TurnStartedRecord started:
                    goesOn = started.Prefix.Length == 0 && items is [.., { Role: SessionModel.AnswerRole }];
                    break;
                case TokensRecord:
                    cut = !goesOn;
                    break;
                case TurnFinishedRecord finished:
                    cut = false;
                    string text = JournalReplay.SummaryOf(finished, entry).Text;
                    if (goesOn) items[^1] = items[^1] with { Text = items[^1].Text + text };
                    else items.Add(new SessionItem { Role = SessionModel.AnswerRole, Text = text });
                    break;
            }
        }

        if (cut) items.Add(new SessionItem { Role = SessionModel.AnswerRole });
        return items;
    }

    private static SessionItem ToItem(JournalItem item) => new() { Role = item.Role, Text = item.Text };
}
