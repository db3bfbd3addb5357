using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>What a turn will write and compute, checked as a whole before anything is written.</summary>
/// <param name="Request">The request.</param>
/// <param name="Items">New messages with their tokens, and with what closes the answer before them.</param>
/// <param name="Prefix">Tokens that open the answer; empty when a cut answer goes on.</param>
/// <param name="Turn">What the engine is asked for; its input is the history.</param>
internal sealed record TurnPlan(TurnRequest Request, IReadOnlyList<JournalItem> Items, ReadOnlyMemory<int> Prefix, EngineTurn Turn)
{
    /// <exception cref="SessionException">The request cannot be served as it stands.</exception>
    public static TurnPlan Create(LiveSession session, TurnRequest request)
    {
        SessionHistory history = session.History;
        TurnLimits.Check(request, session.Options, history.TokenCount);
        if (request.Items.IsEmpty && history.End is HistoryEnd.Nothing or HistoryEnd.WholeAnswer)
            throw new SessionException(SessionErrorCode.InvalidRequest, "There is nothing to answer: no message was given and the last answer is complete.", "messages");

        List<JournalItem> items = session.Model.Encode(request.Items, history.End, history.LastRole);
        ReadOnlyMemory<int> prefix = request.Items.IsEmpty && history.EndsInAnswer ? default : session.Model.AssistantPrefix;
        var turn = new EngineTurn
        {
            MaxNewTokens = request.MaxNewTokens ?? session.Options.DefaultMaxNewTokens,
            Sampling = request.Sampling.ToOptions(session.Model.VocabularySize),
            ReceiptTokens = request.Receipt || session.Options.RecordReceipts ? ReceiptRecorder.NamedTokens : 0,
        };
        TurnLimits.CheckLength(history.TokenCount + items.Sum(item => item.Tokens.Length) + prefix.Length, turn.MaxNewTokens, session.Options);
        return new TurnPlan(request, items, prefix, turn);
    }
}
