using Actors.Grains.Abstractions;

namespace Actors.Server.Hosting;

/// <summary>
/// The sessions of one tenant, in this process or behind a server. Every way in (HTTP, command line) goes through it.
/// Calls may run at the same time. Failures that a caller can act on are <see cref="SessionException"/>.
/// </summary>
public interface ISessionClient
{
    /// <summary>Names of the models that answer, the default one first.</summary>
    /// <param name="cancellationToken">Abandons the call.</param>
    Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken);

    /// <summary>Adds items to a session and lets the model answer.</summary>
    /// <param name="session">Name of the session, made on first use; null for an answer that is not remembered.</param>
    /// <param name="request">What is new, and how to answer.</param>
    /// <param name="cancellationToken">Ends the answer; what was delivered stays in the history.</param>
    /// <returns>The events of <see cref="ISessionGrain.RunTurnAsync"/>.</returns>
    IAsyncEnumerable<TurnEvent> RunTurnAsync(string? session, TurnRequest request, CancellationToken cancellationToken);

    /// <summary>Adds text to a session without an answer.</summary>
    /// <param name="session">Name of the session, made on first use.</param>
    /// <param name="request">What is new.</param>
    /// <param name="cancellationToken">Stops computing; accepted pieces stay.</param>
    /// <returns>The reports of <see cref="ISessionGrain.IngestAsync"/>.</returns>
    IAsyncEnumerable<IngestProgress> IngestAsync(string session, IngestRequest request, CancellationToken cancellationToken);

    /// <summary>Lists sessions in order of their names.</summary>
    /// <param name="after">Name after which to begin; null for the start.</param>
    /// <param name="limit">Most sessions to return, 1 to 1,000.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    Task<SessionPage> ListAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Describes one session; null when there is none of that name.</summary>
    /// <param name="session">Name of the session.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    Task<SessionInfo?> ShowAsync(string session, CancellationToken cancellationToken);

    /// <summary>Lets a session go on under another attention policy, after the turns that came before.</summary>
    /// <param name="session">Name of the session.</param>
    /// <param name="policy">Name of the policy, perhaps with options.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>The session as it is then; null when there is none of that name.</returns>
    Task<SessionInfo?> ChangePolicyAsync(string session, string policy, CancellationToken cancellationToken);

    /// <summary>What an answer was drawn from.</summary>
    /// <param name="session">Name of the session.</param>
    /// <param name="turn">Name of the turn.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>Null when the session has no receipt of that turn.</returns>
    Task<TurnReceipt?> GetReceiptAsync(string session, string turn, CancellationToken cancellationToken);

    /// <summary>Erases a session.</summary>
    /// <param name="session">Name of the session.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>False when there was none of that name.</returns>
    Task<bool> DeleteAsync(string session, CancellationToken cancellationToken);
}
