using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Actors.Grains.Abstractions;
using Orleans;
using Orleans.Runtime;

namespace Actors.Grains;

/// <summary>Identity, order and lifetime of one session. What a turn consists of is in <see cref="AnswerFlow"/> and <see cref="IngestFlow"/>.</summary>
/// <param name="opener">Brings the session into memory.</param>
/// <param name="options">Limits.</param>
/// <param name="admission">Bounds the turns of the whole silo.</param>
public sealed class SessionGrain(SessionOpener opener, SessionGrainOptions options, TurnAdmission admission) : Grain, ISessionGrain
{
    private const int EventsAhead = 4;

    // Streams interleave with other calls of a grain, so that order is kept here: one flow at a time, the others in order of arrival.
    private readonly SemaphoreSlim _order = new(1, 1);
    private CancellationTokenSource _life = new();
    private LiveSession? _session;
    private int _waiting;

    private string Key => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public IAsyncEnumerable<TurnEvent> RunTurnAsync(TurnRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        TurnLimits.Check(request, options, heldTokens: 0);
        return SessionFailures.TranslateAsync(
            InOrderAsync(request.Policy, (session, token) => AnswerFlow.RunAsync(session, request, $"turn-{Guid.NewGuid():N}", token), cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<IngestProgress> IngestAsync(IngestRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SessionFailures.TranslateAsync(
            InOrderAsync(request.Policy, (session, token) => IngestFlow.RunAsync(session, request, token), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SessionInfo?> GetInfoAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_session is null)
            {
                await _order.WaitAsync(cancellationToken);
                try
                {
                    _session ??= await opener.TryOpenAsync(Key, cancellationToken);
                }
                finally
                {
                    _order.Release();
                }
            }

            return Describe();
        }
        catch (Exception exception) when (SessionFailures.Translate(exception) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async Task<SessionInfo?> ChangePolicyAsync(string policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        opener.CheckPolicy(policy);
        try
        {
            await WaitForTurnAsync(cancellationToken);
            try
            {
                _session ??= await opener.TryOpenAsync(Key, cancellationToken);
                if (_session is { History.IsEmpty: false } session) await session.ChangePolicyAsync(policy);
                return Describe();
            }
            finally
            {
                _order.Release();
            }
        }
        catch (Exception exception) when (SessionFailures.Translate(exception) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async Task<TurnReceipt?> GetReceiptAsync(string turn, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        try
        {
            return await Task.Run(() => opener.ReadReceipt(Key, turn), cancellationToken);
        }
        catch (Exception exception) when (SessionFailures.Translate(exception) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(CancellationToken cancellationToken = default)
    {
        await _life.CancelAsync();
        await _order.WaitAsync(cancellationToken);
        try
        {
            _life.Dispose();
            _life = new CancellationTokenSource();
            await CloseAsync(save: false);
            return await opener.DeleteAsync(Key, cancellationToken);
        }
        catch (Exception exception) when (SessionFailures.Translate(exception) is { } known)
        {
            throw known;
        }
        finally
        {
            _order.Release();
            DeactivateOnIdle();
        }
    }

    /// <summary>Ends the turn that runs, saves, and gives the memory of the session back.</summary>
    /// <param name="reason">Why the session leaves memory.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn; then only the journal has the newest tokens.</param>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _life.CancelAsync();
        await _order.WaitAsync(cancellationToken);
        try
        {
            await CloseAsync(save: true);
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>
    /// Runs a flow when its turn comes. The flow runs beside its reader, a few events ahead at most, so that a reader who stops reading
    /// cannot keep the session from being deleted or from leaving memory.
    /// </summary>
    private async IAsyncEnumerable<T> InOrderAsync<T>(
        string? policy, Func<LiveSession, CancellationToken, IAsyncEnumerable<T>> flow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        opener.CheckPolicy(policy);
        using IDisposable place = admission.Enter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        var events = Channel.CreateBounded<T>(new BoundedChannelOptions(EventsAhead) { SingleReader = true, SingleWriter = true });
        Task running = RunAsync(policy, flow, events.Writer, stop.Token);
        try
        {
            await foreach (T item in events.Reader.ReadAllAsync(CancellationToken.None)) yield return item;
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    private async Task RunAsync<T>(
        string? policy, Func<LiveSession, CancellationToken, IAsyncEnumerable<T>> flow, ChannelWriter<T> events, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await WaitForTurnAsync(cancellationToken);
            try
            {
                _session ??= await opener.OpenAsync(Key, policy, cancellationToken);
                if (policy is not null) await _session.ChangePolicyAsync(policy);
                _session.CheckPolicy();
                await foreach (T item in flow(_session, cancellationToken)) await events.WriteAsync(item, cancellationToken);
            }
            finally
            {
                _order.Release();
            }
        }
        catch (Exception exception)
        {
            // Handed to the reader, who is the caller of the grain.
            failure = exception;
        }

        events.Complete(failure);
    }

    private SessionInfo? Describe() => _session is { History.IsEmpty: false } session ? session.Describe(SessionKey.Parse(Key).Session) : null;

    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        if (_order.CurrentCount == 0 && _waiting >= options.MaxWaitingPerSession)
            throw new SessionException(SessionErrorCode.Busy, $"{_waiting} turns of this session wait already, which is the most. Try again when they are through.");

        _waiting++;
        try
        {
            await _order.WaitAsync(cancellationToken);
        }
        finally
        {
            _waiting--;
        }
    }

    private async Task CloseAsync(bool save)
    {
        if (_session is not { } session) return;
        _session = null;
        if (save) await session.TrySaveAsync(closing: true);
        await session.DisposeAsync();
    }
}
