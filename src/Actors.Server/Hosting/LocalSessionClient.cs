using System.Runtime.CompilerServices;
using Actors.Grains;
using Actors.Grains.Abstractions;
using Actors.Storage;
using Orleans;

namespace Actors.Server.Hosting;

/// <summary>The sessions of one tenant in this process: calls go to the grains of the silo. Safe for concurrent use.</summary>
/// <param name="tenant">Whose sessions.</param>
/// <param name="grains">Finds the grains.</param>
/// <param name="folder">Says which sessions exist.</param>
/// <param name="stateless">Answers that are not remembered.</param>
/// <param name="models">Names of the models.</param>
/// <param name="stopping">Ends running calls when the host stops.</param>
internal sealed class LocalSessionClient(
    string tenant, IGrainFactory grains, DataFolder folder, StatelessTurns stateless, IReadOnlyList<string> models, CancellationToken stopping) : ISessionClient
{
    public Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult(models);

    public IAsyncEnumerable<TurnEvent> RunTurnAsync(string? session, TurnRequest request, CancellationToken cancellationToken) => WatchAsync(
        token => session is null ? stateless.RunAsync(tenant, request, token) : GrainOf(session).RunTurnAsync(request, token), cancellationToken);

    public IAsyncEnumerable<IngestProgress> IngestAsync(string session, IngestRequest request, CancellationToken cancellationToken) =>
        WatchAsync(token => GrainOf(session).IngestAsync(request, token), cancellationToken);

    public async Task<SessionPage> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        List<string> names = [.. folder.List(tenant).Select(entry => entry.Session)
            .Where(name => after is null || string.CompareOrdinal(name, after) > 0).Take(limit + 1)];
        var sessions = new List<SessionInfo>();
        foreach (string name in names.Take(limit))
            if (await DescribeAsync(name, cancellationToken) is { } info) sessions.Add(info);

        return new SessionPage(sessions, names.Count > limit ? names[limit - 1] : null);
    }

    public Task<SessionInfo?> ShowAsync(string session, CancellationToken cancellationToken) => GrainOf(session).GetInfoAsync(cancellationToken);

    public Task<SessionInfo?> ChangePolicyAsync(string session, string policy, CancellationToken cancellationToken) =>
        GrainOf(session).ChangePolicyAsync(policy, cancellationToken);

    public Task<TurnReceipt?> GetReceiptAsync(string session, string turn, CancellationToken cancellationToken) =>
        GrainOf(session).GetReceiptAsync(turn, cancellationToken);

    public Task<bool> DeleteAsync(string session, CancellationToken cancellationToken) => GrainOf(session).DeleteAsync(cancellationToken);

    /// <summary>A session that cannot be opened is listed with its problem, so that it does not hide the others.</summary>
    private async Task<SessionInfo?> DescribeAsync(string session, CancellationToken cancellationToken)
    {
        try
        {
            return await GrainOf(session).GetInfoAsync(cancellationToken);
        }
        catch (SessionException exception) when (exception.Code is SessionErrorCode.JournalDamaged or SessionErrorCode.StorageFailed)
        {
            return new SessionInfo { Session = session, Problem = exception.Message };
        }
    }

    private ISessionGrain GrainOf(string session) => SessionKey.IsValidName(session)
        ? grains.GetGrain<ISessionGrain>(SessionKey.Create(tenant, session))
        : throw new SessionException(SessionErrorCode.InvalidRequest, $"The session name is not valid: {SessionKey.NameRule}.", "session");

    private async IAsyncEnumerable<T> WatchAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        await using IAsyncEnumerator<T> items = start(either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync()) yield break;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new SessionException(SessionErrorCode.Stopping, "The server is stopping. What was accepted and delivered is saved.");
            }

            yield return items.Current;
        }
    }
}
