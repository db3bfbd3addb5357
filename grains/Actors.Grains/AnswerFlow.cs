using System.Runtime.CompilerServices;
using System.Text;
using Actors.Engine;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>One turn: accept the input, compute it, hand out the answer token by token, save.</summary>
internal static class AnswerFlow
{
    public static async IAsyncEnumerable<TurnEvent> RunAsync(
        LiveSession session, TurnRequest request, string turnId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SessionHistory history = session.History;
        TurnPlan plan = TurnPlan.Create(session, request);
        int held = request.Items.IsEmpty ? 0 : history.TokenCount;
        await session.Log.AcceptTurnAsync(plan, turnId);
        await session.AlignAsync();

        var events = new TurnEventWriter(session.Model, request.Sampling);
        int promptTokens = history.TokenCount, generated = 0;
        ReceiptRecorder? receipt = plan.Turn.ReceiptTokens > 0
            ? new(session.Model, turnId, history.Policy, Math.Max(held, promptTokens - ReceiptRecorder.QuestionTokens)) : null;
        var text = new StringBuilder();
        int? cached = null;
        bool ended = false;
        try
        {
            yield return events.Accepted(turnId, promptTokens);

            if (session.PendingTokens > session.Options.CheckpointTokens)
            {
                await foreach (EngineEvent.Progress progress in session.ComputeAsync(session.Options.CheckpointTokens, cancellationToken))
                {
                    cached ??= progress.CachedTokens;
                    yield return events.Progress(progress.ComputedTokens - cached.Value, promptTokens - cached.Value);
                }
            }

            await foreach (EngineEvent engineEvent in session.RunAsync(plan.Turn, int.MaxValue, cancellationToken))
            {
                switch (engineEvent)
                {
                    case EngineEvent.Progress progress:
                        cached ??= progress.CachedTokens;
                        yield return events.Progress(progress.ComputedTokens - cached.Value, promptTokens - cached.Value);
                        break;
                    case EngineEvent.Token token:
                        await session.Log.AddAnswerAsync(turnId, generated++, token.Id);
                        text.Append(token.Text);
                        receipt?.Add(token);
                        yield return events.Delta(token);
                        break;
                    case EngineEvent.Finished finished:
                        TurnEnded end = events.Ended(finished, promptTokens, cached ?? finished.Usage.CachedTokens);
                        await session.Log.FinishTurnAsync(turnId, end.Reason, end.Usage, text.Append(end.Text).ToString());
                        await session.TrySaveReceiptAsync(receipt, turnId);
                        ended = true;
                        yield return end;
                        break;
                }
            }
        }
        finally
        {
            if (!ended)
            {
                var usage = new TurnUsage { PromptTokens = promptTokens, CachedTokens = cached ?? 0, CompletionTokens = generated };
                await session.TryFinishTurnAsync(turnId, usage, text.ToString());
                await session.TrySaveReceiptAsync(receipt, turnId);
            }

            await session.AlignAsync();
            await session.TrySaveAsync();
        }
    }
}
