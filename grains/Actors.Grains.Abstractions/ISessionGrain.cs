using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>
/// One conversation that owns its history. The key is <c>tenant/session</c>, see <see cref="SessionKey"/>.
/// The grain keeps identity, order and lifetime: it writes the journal, submits work to the engine of its silo and commits the manifest.
/// It computes nothing and holds no key/value bytes.
/// </summary>
/// <remarks>
/// Turns and ingests of one session run one after another in order of arrival; a bounded number may wait, further ones fail with
/// <see cref="SessionErrorCode.Busy"/>. Failures that a caller can act on are <see cref="SessionException"/>.
/// </remarks>
[Alias("actors.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Adds the items to the history and lets the model answer.</summary>
    /// <param name="request">What is new, and how to answer. Never changed.</param>
    /// <param name="cancellationToken">Ends the answer within one step of the engine; what was delivered stays in the history.</param>
    /// <returns>
    /// <see cref="TurnAccepted"/> once the items are durable, then <see cref="TurnProgress"/> and <see cref="TurnDelta"/> as they
    /// come, and one <see cref="TurnEnded"/> at the end. A delta is in the journal before it is returned.
    /// </returns>
    [Alias("run")]
    IAsyncEnumerable<TurnEvent> RunTurnAsync(TurnRequest request, CancellationToken cancellationToken = default);

    /// <summary>Adds text to the history without asking for an answer.</summary>
    /// <param name="request">What is new. Never changed.</param>
    /// <param name="cancellationToken">Stops computing; pieces that were accepted stay and are computed by the next turn.</param>
    /// <returns>Progress, last with <see cref="IngestProgress.Completed"/> set.</returns>
    [Alias("ingest")]
    IAsyncEnumerable<IngestProgress> IngestAsync(IngestRequest request, CancellationToken cancellationToken = default);

    /// <summary>Describes the session; <c>null</c> when it was never written to.</summary>
    /// <param name="cancellationToken">Abandons the call.</param>
    [Alias("info")]
    Task<SessionInfo?> GetInfoAsync(CancellationToken cancellationToken = default);

    /// <summary>Goes on under another attention policy, after the turns that came before. Nothing is computed again.</summary>
    /// <param name="policy">Name of the policy, perhaps with options.</param>
    /// <param name="cancellationToken">Abandons the call while it waits for the turn that runs.</param>
    /// <returns>The session as it is then; <c>null</c> when it was never written to.</returns>
    [Alias("policy")]
    Task<SessionInfo?> ChangePolicyAsync(string policy, CancellationToken cancellationToken = default);

    /// <summary>What an answer was drawn from. The receipts of the last 32 turns that made one are kept, with the session.</summary>
    /// <param name="turn">Name of the turn, as <see cref="TurnAccepted.TurnId"/> gave it.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns><c>null</c> when there is no receipt of that turn.</returns>
    [Alias("receipt")]
    Task<TurnReceipt?> GetReceiptAsync(string turn, CancellationToken cancellationToken = default);

    /// <summary>Erases the session with its journal, pages and manifest.</summary>
    /// <param name="cancellationToken">Abandons the call while it waits for the turn that runs.</param>
    /// <returns>False when there was nothing to erase.</returns>
    [Alias("delete")]
    Task<bool> DeleteAsync(CancellationToken cancellationToken = default);
}
