using System.Runtime.CompilerServices;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Tests.Cli;

/// <summary>Sessions in memory whose model repeats the last message in upper case; a token is a word.</summary>
internal sealed class FakeSessions : ISessionClient
{
    private readonly SortedDictionary<string, List<string>> _sessions = new(StringComparer.Ordinal);

    /// <summary>Texts that were ingested, in order.</summary>
    public List<string> Ingested { get; } = [];

    public List<TurnRequest> Turns { get; } = [];

    /// <summary>The receipt of turn-1.</summary>
    public TurnReceipt? Receipt { get; set; }

    /// <summary>Thrown by the n-th ingest, counted from 0.</summary>
    public (int Call, Exception Failure)? IngestFailure { get; set; }

    /// <summary>Thrown by every turn.</summary>
    public Exception? TurnFailure { get; set; }

    public Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(["fake"]);

    public async IAsyncEnumerable<TurnEvent> RunTurnAsync(
        string? session, TurnRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (TurnFailure is not null) throw TurnFailure;
        Turns.Add(request);
        string text = request.Items[^1].Text;
        Words(session!).AddRange(text.Split(' '));
        yield return new TurnAccepted { Sequence = 0, TurnId = "turn-1", PromptTokens = Words(session!).Count };
        yield return new TurnDelta { Sequence = 1, Text = text.ToUpperInvariant() };
        yield return new TurnEnded
        {
            Sequence = 2, Reason = TurnEndReason.Stop, Text = "!",
            Usage = new TurnUsage { PromptTokens = Words(session!).Count, CachedTokens = 1, CompletionTokens = 2 },
        };
    }

    public async IAsyncEnumerable<IngestProgress> IngestAsync(
        string session, IngestRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (IngestFailure is { } failure && failure.Call == Ingested.Count) throw failure.Failure;
        string text = Assert.Single(request.Items).Text;
        Ingested.Add(text);
        int tokens = text.Split(' ').Length;
        Words(session).AddRange(text.Split(' '));
        yield return new IngestProgress { AcceptedTokens = tokens, ComputedTokens = tokens / 2, TotalTokens = tokens };
        yield return new IngestProgress
        {
            AcceptedTokens = tokens, ComputedTokens = tokens, TotalTokens = tokens, SessionTokens = Words(session).Count, Completed = true,
        };
    }

    public Task<SessionPage> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        string[] names = [.. _sessions.Keys.Where(name => after is null || string.CompareOrdinal(name, after) > 0)];
        return Task.FromResult(new SessionPage([.. names.Take(2).Select(Describe)], names.Length > 2 ? names[1] : null));
    }

    public Task<SessionInfo?> ShowAsync(string session, CancellationToken cancellationToken) =>
        Task.FromResult(_sessions.ContainsKey(session) ? Describe(session) : null);

    public Task<SessionInfo?> ChangePolicyAsync(string session, string policy, CancellationToken cancellationToken) =>
        Task.FromResult(_sessions.ContainsKey(session) ? Describe(session) with { Policy = policy } : null);

    public Task<TurnReceipt?> GetReceiptAsync(string session, string turn, CancellationToken cancellationToken) => Task.FromResult(turn == "turn-1" ? Receipt : null);

    public Task<bool> DeleteAsync(string session, CancellationToken cancellationToken) => Task.FromResult(_sessions.Remove(session));

    private List<string> Words(string session)
    {
        if (!_sessions.TryGetValue(session, out List<string>? words)) _sessions.Add(session, words = []);
        return words;
    }

    private SessionInfo Describe(string session) => new()
    {
        Session = session, Model = "fake", Policy = "auto", Tokens = Words(session).Count, Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch,
    };
}
