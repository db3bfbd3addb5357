using System.Text;
using Actors.Attention;
using Actors.Engine;

namespace Actors.Server.Evaluation;

/// <summary>Runs turns to their end. Not thread-safe.</summary>
/// <param name="engine">Used alone, so that times mean something.</param>
/// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
internal sealed class EngineTurns(InferenceEngine engine, Action<int> onTokens)
{
    /// <summary>Runs one turn.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="turn">What to do.</param>
    /// <param name="onLogits">Called with the logits that the turn asked for, in order.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<TurnResult> RunAsync(EngineSequence sequence, EngineTurn turn, Action<EngineEvent.Logits>? onLogits, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        int computed = 0;
        List<AttentionReceipt> receipts = [];
        await foreach (EngineEvent engineEvent in engine.RunAsync(sequence, turn, cancellationToken))
        {
            switch (engineEvent)
            {
                case EngineEvent.Progress progress:
                    onTokens(progress.ComputedTokens - progress.CachedTokens - computed);
                    computed = progress.ComputedTokens - progress.CachedTokens;
                    break;
                case EngineEvent.Logits logits:
                    onLogits?.Invoke(logits);
                    break;
                case EngineEvent.Token token:
                    text.Append(token.Text);
                    if (token.Receipt is not null) receipts.Add(token.Receipt);
                    break;
                case EngineEvent.Finished finished:
                    return new TurnResult(text.Append(finished.Text).ToString(), finished.Usage, finished.StopToken is not null) { Receipts = receipts };
            }
        }
        throw new InvalidOperationException("The turn ended without its last event.");
    }
}

/// <summary>What a turn said and cost.</summary>
/// <param name="Text">What was generated.</param>
/// <param name="Usage">What it cost.</param>
/// <param name="Stopped">Whether a token ended it that is not part of it.</param>
internal readonly record struct TurnResult(string Text, EngineUsage Usage, bool Stopped)
{
    /// <summary>What was read for each token, when the turn asked for it.</summary>
    public IReadOnlyList<AttentionReceipt> Receipts { get; init; } = [];

    /// <summary>Steps of one token each after the first token was chosen.</summary>
    public int DecodeSteps => Usage.GeneratedTokens + (Stopped ? 1 : 0) - 1;
}
