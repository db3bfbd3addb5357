using System.Runtime.CompilerServices;
using Actors.Engine;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>Answers that nobody remembers: the request brings the whole conversation. Equal prefixes still share pages. Thread-safe.</summary>
/// <param name="engine">Computes.</param>
/// <param name="model">Writes the conversation as tokens.</param>
/// <param name="options">Defaults.</param>
/// <param name="admission">Bounds the turns under way.</param>
public sealed class StatelessTurns(InferenceEngine engine, SessionModel model, SessionGrainOptions options, TurnAdmission admission)
{
    /// <summary>Answers one request.</summary>
    /// <param name="tenant">Who asks; pages are shared inside a tenant only.</param>
    /// <param name="request">The whole conversation.</param>
    /// <param name="cancellationToken">Ends the answer within one step.</param>
    /// <exception cref="SessionException">The request cannot be served.</exception>
    public IAsyncEnumerable<TurnEvent> RunAsync(string tenant, TurnRequest request, CancellationToken cancellationToken) =>
        SessionFailures.TranslateAsync(RunCoreAsync(tenant, request, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<TurnEvent> RunCoreAsync(
        string tenant, TurnRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Items.IsEmpty)
            throw new SessionException(SessionErrorCode.InvalidRequest, "There is nothing to answer: no message was given.", "messages");

        if (request.Receipt)
            throw new SessionException(SessionErrorCode.InvalidRequest, "A receipt is kept with a session; name a session, or leave 'receipt' out.", "receipt");

        TurnLimits.Check(request, options, heldTokens: 0);
        TurnLimits.CheckPolicy(engine, request.Policy);
        int[] input = [.. model.Encode(request.Items, HistoryEnd.Nothing, lastRole: null).SelectMany(item => item.Tokens), .. model.AssistantPrefix.Span];
        var turn = new EngineTurn
        {
            Input = input,
            MaxNewTokens = request.MaxNewTokens ?? options.DefaultMaxNewTokens,
            Sampling = request.Sampling.ToOptions(model.VocabularySize),
        };
        TurnLimits.CheckLength(input.Length, turn.MaxNewTokens, options);

        using IDisposable place = admission.Enter();
        await using EngineSequence sequence = engine.Open(new SequenceOptions { PolicyName = request.Policy ?? options.DefaultPolicy, TenantSalt = tenant });
        var events = new TurnEventWriter(model, request.Sampling);
        yield return events.Accepted($"turn-{Guid.NewGuid():N}", input.Length);
        await foreach (EngineEvent engineEvent in engine.RunAsync(sequence, turn, cancellationToken))
        {
            switch (engineEvent)
            {
                case EngineEvent.Progress progress:
                    yield return events.Progress(progress.ComputedTokens - progress.CachedTokens, progress.TotalTokens - progress.CachedTokens);
                    break;
                case EngineEvent.Token token:
                    yield return events.Delta(token);
                    break;
                case EngineEvent.Finished finished:
                    yield return events.Ended(finished, input.Length, finished.Usage.CachedTokens);
                    break;
            }
        }
    }
}
