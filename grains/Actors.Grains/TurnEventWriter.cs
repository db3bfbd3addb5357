using System.Collections.Immutable;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Models;

namespace Actors.Grains;

/// <summary>Turns what the engine reports into the events of one turn, and numbers them.</summary>
internal sealed class TurnEventWriter(SessionModel model, TurnSampling sampling)
{
    private long _sequence;

    public TurnAccepted Accepted(string turnId, long promptTokens) =>
        new() { Sequence = _sequence++, TurnId = turnId, PromptTokens = promptTokens };

    public TurnProgress Progress(long computed, long total) => new() { Sequence = _sequence++, ComputedTokens = computed, TotalTokens = total };

    public TurnDelta Delta(EngineEvent.Token token) => sampling.LogProbabilities
        ? new TurnDelta
        {
            Sequence = _sequence++,
            Text = token.Text,
            Token = token.Id,
            LogProbability = token.LogProbability,
            Top = TopOf(token),
            TokenText = model.TextOf(token.Id),
        }
        : new TurnDelta { Sequence = _sequence++, Text = token.Text, Token = token.Id };

    public TurnEnded Ended(EngineEvent.Finished finished, long promptTokens, long cachedTokens) => new()
    {
        Sequence = _sequence++,
        Reason = finished.Reason == FinishReason.Length ? TurnEndReason.Length : TurnEndReason.Stop,
        MatchedStop = finished.MatchedStop,
        Text = finished.Text,
        Usage = new TurnUsage { PromptTokens = promptTokens, CachedTokens = cachedTokens, CompletionTokens = finished.Usage.GeneratedTokens },
    };

    private ImmutableArray<TokenProbability> TopOf(EngineEvent.Token token)
    {
        var top = ImmutableArray.CreateBuilder<TokenProbability>(token.Alternatives.Count);
        foreach (TokenLogProbability entry in token.Alternatives)
            top.Add(new TokenProbability { Token = entry.Token, Text = model.TextOf(entry.Token), LogProbability = entry.LogProbability });

        return top.MoveToImmutable();
    }
}
