using System.Runtime.CompilerServices;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Tests.Api;

/// <summary>A backend that answers with given events and remembers what it was asked.</summary>
internal sealed class ScriptedClient : ISessionClient
{
    public const string ModelId = "scripted";

    public List<(string? Session, TurnRequest Request)> Turns { get; } = [];

    public List<(string Session, IngestRequest Request)> Ingests { get; } = [];

    public Dictionary<string, SessionInfo> Sessions { get; } = [];

    public Dictionary<(string Session, string Turn), TurnReceipt> Receipts { get; } = [];

    public IReadOnlyList<TurnEvent> Script { get; set; } =
    [
        new TurnAccepted { TurnId = "turn-1", PromptTokens = 7 },
        new TurnProgress { Sequence = 1, ComputedTokens = 3, TotalTokens = 3 },
        new TurnDelta { Sequence = 2, Text = "Hel", Token = 1 },
        new TurnDelta { Sequence = 3, Text = "lo", Token = 2 },
        new TurnEnded { Sequence = 4, Reason = TurnEndReason.Stop, Text = "!", Usage = new TurnUsage { PromptTokens = 7, CachedTokens = 4, CompletionTokens = 2 } },
    ];

    /// <summary>Thrown after this many events of the script.</summary>
    public (int After, Exception Failure)? Failure { get; set; }

    public Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([ModelId]);

    public async IAsyncEnumerable<TurnEvent> RunTurnAsync(string? session, TurnRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Turns.Add((session, request));
        await Task.Yield();
        for (int i = 0; i < Script.Count; i++)
        {
            if (Failure is { } failure && failure.After == i) throw failure.Failure;
            yield return Script[i];
        }
    }

    public async IAsyncEnumerable<IngestProgress> IngestAsync(string session, IngestRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Ingests.Add((session, request));
        await Task.Yield();
        yield return new IngestProgress { AcceptedTokens = 5, TotalTokens = 5, SessionTokens = 9 };
        yield return new IngestProgress { AcceptedTokens = 5, ComputedTokens = 5, TotalTokens = 5, SessionTokens = 9, Completed = true };
    }

    public Task<SessionPage> ListAsync(string? after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(new SessionPage([.. Sessions.Values.Take(limit)], Sessions.Count > limit ? Sessions.Keys.ElementAt(limit - 1) : null));

    public Task<SessionInfo?> ShowAsync(string session, CancellationToken cancellationToken) => Task.FromResult(Sessions.GetValueOrDefault(session));

    public Task<SessionInfo?> ChangePolicyAsync(string session, string policy, CancellationToken cancellationToken) =>
        Task.FromResult(Sessions.ContainsKey(session) ? Sessions[session] = Sessions[session] with { Policy = policy } : null);

    public Task<TurnReceipt?> GetReceiptAsync(string session, string turn, CancellationToken cancellationToken) => Task.FromResult(Receipts.GetValueOrDefault((session, turn)));

    public Task<bool> DeleteAsync(string session, CancellationToken cancellationToken) => Task.FromResult(Sessions.Remove(session));
}
