using System.Runtime.InteropServices;
using Actors.Grains.Abstractions;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>
/// What a journal says so far: the tokens of the conversation and where it stands. Every change is first a record in the journal; reading
/// the records again in order gives the same state. Not thread-safe.
/// </summary>
internal sealed class SessionHistory
{
    private readonly List<int> _tokens = [];
    private int _prefixTokens;
    private string? _roleBefore;

    /// <summary>All tokens, in order.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public int TokenCount => _tokens.Count;

    /// <summary>Whether anything was ever accepted.</summary>
    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>What stands at the end of the history.</summary>
    public HistoryEnd End { get; private set; }

    /// <summary>Whether an answer stands at the end, which new input has to close first.</summary>
    public bool EndsInAnswer => End is HistoryEnd.CutAnswer or HistoryEnd.WholeAnswer;

    /// <summary>The turn whose answer has begun and not ended, and how many tokens of it there are.</summary>
    public (string Id, int Tokens)? OpenTurn { get; private set; }

    public string Policy { get; private set; } = "";

    public string Model { get; private set; } = "";

    public string TextFingerprint { get; private set; } = "";

    public DateTimeOffset Created { get; private set; }

    public DateTimeOffset Updated { get; private set; }

    public long Turns { get; private set; }

    public TurnUsage Usage { get; private set; } = new();

    /// <summary>Who spoke last; null at the start.</summary>
    public string? LastRole { get; private set; }

    /// <summary>The session begins.</summary>
    public void Open(SessionOrigin origin)
    {
        (Policy, Model, TextFingerprint) = (origin.Policy, origin.Model, origin.TextFingerprint);
        Created = Updated = origin.Time;
    }

    public void AddInput(IReadOnlyList<JournalItem> items, DateTimeOffset time)
    {
        DropAnswerThatNeverBegan();
        foreach (JournalItem item in items)
        {
            _tokens.AddRange(item.Tokens);
            LastRole = item.Role;
        }

        (End, Updated) = (HistoryEnd.Input, time);
    }

    /// <summary>The same conversation as before, written by another tokenizer or template.</summary>
    public void Rewrite(SessionOrigin origin, IEnumerable<JournalItem> items)
    {
        DropAnswerThatNeverBegan();
        (Model, TextFingerprint, OpenTurn) = (origin.Model, origin.TextFingerprint, null);
        _tokens.Clear();
        foreach (JournalItem item in items) _tokens.AddRange(item.Tokens);
    }

    /// <summary>An answer is asked for. The prefix may be empty when a cut answer goes on.</summary>
    public void StartTurn(string turnId, ReadOnlySpan<int> prefix, DateTimeOffset time)
    {
        DropAnswerThatNeverBegan();
        _prefixTokens = prefix.Length;
        _tokens.AddRange(prefix);
        (End, Updated) = (prefix.IsEmpty ? HistoryEnd.CutAnswer : HistoryEnd.AnswerPrefix, time);
        OpenTurn = (turnId, 0);
        (_roleBefore, LastRole) = (LastRole, "assistant");
    }

    public void AddAnswer(ReadOnlySpan<int> tokens, DateTimeOffset time)
    {
        _tokens.AddRange(tokens);
        if (OpenTurn is { } turn) OpenTurn = turn with { Tokens = turn.Tokens + tokens.Length };
        (End, Updated) = (HistoryEnd.CutAnswer, time);
    }

    public void FinishTurn(TurnEndReason reason, TurnUsage usage, DateTimeOffset time)
    {
        OpenTurn = null;
        Turns++;
        Usage = new TurnUsage
        {
            PromptTokens = Usage.PromptTokens + usage.PromptTokens,
            CachedTokens = Usage.CachedTokens + usage.CachedTokens,
            CompletionTokens = Usage.CompletionTokens + usage.CompletionTokens,
        };
        (End, Updated) = (reason == TurnEndReason.Stop ? HistoryEnd.WholeAnswer : HistoryEnd.CutAnswer, time);
    }

    public void ChangePolicy(string policy, DateTimeOffset time) => (Policy, Updated) = (policy, time);

    /// <summary>
    /// Removes the opening of an answer that has no token and no end in the journal: a process that died there, or could not write, leaves
    /// no trace of it.
    /// </summary>
    public void DropAnswerThatNeverBegan()
    {
        if (End != HistoryEnd.AnswerPrefix) return;
        OpenTurn = null;
        _tokens.RemoveRange(_tokens.Count - _prefixTokens, _prefixTokens);
        (End, LastRole) = (HistoryEnd.Input, _roleBefore);
    }
}
