using Actors.Storage;

namespace Actors.Grains;

/// <summary>The items of a history with their places, read from the journal. It follows the records as <see cref="SessionHistory"/> does.</summary>
internal sealed class HistoryItems
{
    private readonly List<HistoryItem> _items = [];
    private readonly Func<int, int, bool> _wanted;
    private readonly List<int> _answer = [];
    private int _tokens, _prefix;
    private bool _open, _begun;

    private HistoryItems(Func<int, int, bool> wanted) => _wanted = wanted;

    /// <param name="records">The records in order.</param>
    /// <param name="wanted">Whether text and tokens of an item are wanted, by its first token and one after its last.</param>
    public static IReadOnlyList<HistoryItem> Read(IEnumerable<JournalEntry> records, Func<int, int, bool> wanted)
    {
        HistoryItems items = new(wanted);
        foreach (JournalEntry entry in records) items.Apply(entry);
        items.CloseAnswer("");
        return items._items;
    }

    private void Apply(JournalEntry entry)
    {
        switch (entry.Record)
        {
            case InputRecord { Items: [{ Role: JournalReplay.RewrittenRole }, ..] } rewritten:
                _open = false;
                _items.Clear();
                _tokens = 0;
                foreach (JournalItem item in rewritten.Items.Skip(1)) Add(item.Role == SessionModel.AnswerRole ? "assistant" : item.Role, item.Text, item.Tokens);
                break;
            case InputRecord input:
                CloseAnswer("");
                foreach (JournalItem item in input.Items) Add(item.Role, item.Text, item.Tokens);
                break;
            case TurnStartedRecord started:
                CloseAnswer("");
                _answer.Clear();
                _answer.AddRange(started.Prefix);
                (_open, _begun, _prefix) = (true, started.Prefix.Length == 0, started.Prefix.Length);
                break;
            case TokensRecord tokens:
                _answer.AddRange(tokens.Tokens);
                _begun = true;
                break;
            case TurnFinishedRecord finished:
                _begun = true;
                CloseAnswer(JournalReplay.SummaryOf(finished, entry).Text);
                break;
        }
    }

    private void CloseAnswer(string text)
    {
        if (!_open) return;
        _open = false;
        // The opening of an answer that never began is no part of the history.
        if (!_begun) return;
        if (_prefix == 0 && _items is [.., { Role: "assistant" } cut])
        {
            // The answer before goes on: one item.
            bool wanted = _wanted(cut.FirstToken, cut.EndToken + _answer.Count);
            _items[^1] = new(cut.Role, wanted ? cut.Text + text : "", cut.FirstToken, cut.TokenCount + _answer.Count, wanted ? [.. cut.Tokens, .. _answer] : []);
            _tokens += _answer.Count;
            return;
        }
        Add("assistant", text, [.. _answer]);
    }

    private void Add(string role, string text, int[] tokens)
    {
        bool wanted = _wanted(_tokens, _tokens + tokens.Length);
        _items.Add(new(role, wanted ? text : "", _tokens, tokens.Length, wanted ? tokens : []));
        _tokens += tokens.Length;
    }
}
