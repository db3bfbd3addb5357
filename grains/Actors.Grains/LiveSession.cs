using System.Runtime.CompilerServices;
using Actors.Attention;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// A session in memory: its journal and, from the first computation on, its sequence in the engine. The history in the journal leads; the
/// sequence follows it and is opened again whenever it went another way. One flow at a time uses it.
/// </summary>
internal sealed partial class LiveSession(
    string tenant, SessionLog log, InferenceEngine engine, SessionModel model, SessionGrainOptions options, ILogger logger) : IAsyncDisposable
{
    private EngineSequence? _sequence;
    private (int Tokens, int ComputedTokens) _saved;
    private int? _memoryTokens; // those that the stored memory covers, once it was stored

    public SessionLog Log => log;

    public SessionHistory History => log.History;

    public SessionModel Model => model;

    public SessionGrainOptions Options => options;

    /// <summary>Tokens of the history that the sequence was not given yet.</summary>
    public int PendingTokens => History.TokenCount - (_sequence?.TokenCount ?? Math.Min(log.SavedTokens, History.TokenCount));

    /// <summary>How near policies came to exact attention, over all starts.</summary>
    private IReadOnlyList<SessionFidelity> Fidelity => FidelityMeans.Merge(log.EarlierFidelity, _sequence?.Fidelity ?? []);

    public SessionInfo Describe(string session)
    {
        SequenceMemory? memory = _sequence?.Memory;
        return new SessionInfo
        {
            Session = session,
            Model = History.Model,
            Policy = History.Policy,
            Tokens = History.TokenCount,
            ComputedTokens = Math.Min(History.TokenCount, _sequence?.ComputedTokens ?? log.SavedTokens),
            ResidentPages = memory?.ResidentPages ?? 0,
            StoredPages = memory?.StoredPages ?? log.StoredPages,
            ResidentBytes = memory?.ResidentBytes ?? 0,
            StoredBytes = log.StoredBytes,
            Created = History.Created,
            Updated = History.Updated,
            Turns = History.Turns,
            Usage = History.Usage,
            Active = _sequence is not null,
            Fidelity = [.. Fidelity],
        };
    }

    /// <summary>Computes accepted tokens in slices and saves after each, until the sequence lacks at most <paramref name="leave"/> of them.</summary>
    /// <returns>Progress in tokens of the whole history.</returns>
    public async IAsyncEnumerable<EngineEvent.Progress> ComputeAsync(int leave, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (PendingTokens > leave)
        {
            await foreach (EngineEvent engineEvent in RunAsync(new EngineTurn(), options.CheckpointTokens, cancellationToken))
                if (engineEvent is EngineEvent.Progress progress) yield return progress;

            await SaveAsync(cancellationToken);
        }
    }

    /// <summary>Gives the sequence what it lacks of the history, at most <paramref name="mostTokens"/>, and runs a turn on it.</summary>
    public IAsyncEnumerable<EngineEvent> RunAsync(EngineTurn turn, int mostTokens, CancellationToken cancellationToken)
    {
        EngineSequence sequence = _sequence ??= engine.Open(new SequenceOptions
        {
            PolicyName = History.Policy,
            TenantSalt = tenant,
            PageStore = log.Pages,
            OpenMemory = log.OpenMemory,
            Tokens = History.Tokens[..Math.Min(log.SavedTokens, History.TokenCount)].ToArray(),
        });
        ReadOnlySpan<int> missing = History.Tokens[sequence.TokenCount..];
        int[] input = missing[..Math.Min(mostTokens, missing.Length)].ToArray();
        return engine.RunAsync(sequence, turn with { Input = input }, cancellationToken);
    }

    /// <summary>Stores the sealed pages and commits the manifest, when there is something new; the memory of the policy when it has gone far since, or the session ends.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken, bool closing = false)
    {
        if (_sequence is null || ((_sequence.TokenCount, _sequence.ComputedTokens) == _saved && !closing)) return;
        (int, int) state = (_sequence.TokenCount, _sequence.ComputedTokens);
        SavedSequence saved = await _sequence.SaveAsync(cancellationToken);
        if (state != _saved) log.Commit(saved, Fidelity);
        _saved = state;
        await TrySaveMemoryAsync(saved.Memory, closing);
    }

    /// <summary>Saves, and only logs when that fails: the journal has everything, saving merely spares the next start some work.</summary>
    public async Task TrySaveAsync(bool closing = false)
    {
        try
        {
            await SaveAsync(CancellationToken.None, closing);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogSaveFailed(logger, exception);
        }
    }

    private async Task TrySaveMemoryAsync(PolicyMemory? memory, bool closing)
    {
        int stored = _memoryTokens ?? _sequence!.RestoredMemoryTokens;
        if (memory is null)
        {
            log.DropMemory();
            _memoryTokens = 0;
            return;
        }
        if (memory.Tokens == stored || (memory.Tokens > stored && memory.Tokens - stored < options.MemoryTokens && !closing)) return;
        try
        {
            await log.SaveMemoryAsync(memory);
            _memoryTokens = memory.Tokens;
        }
        catch (IOException exception)
        {
            LogMemoryFailed(logger, exception);
        }
    }

    /// <summary>Notes that an answer was cut off. When even that cannot be written, the next start finds the same from the tokens alone.</summary>
    public async Task TryFinishTurnAsync(string turnId, TurnUsage usage, string text)
    {
        try
        {
            await log.FinishTurnAsync(turnId, TurnEndReason.Cancelled, usage, text);
        }
        catch (IOException exception)
        {
            History.DropAnswerThatNeverBegan();
            LogFinishFailed(logger, exception);
        }
    }

    /// <summary>Keeps what an answer was drawn from, and only logs when that fails: the answer itself is in the journal.</summary>
    public async Task TrySaveReceiptAsync(ReceiptRecorder? recorder, string turnId)
    {
        if (recorder is not { Count: > 0 }) return;
        try
        {
            await log.SaveReceiptAsync(recorder, turnId);
        }
        catch (IOException exception)
        {
            LogReceiptFailed(logger, exception);
        }
    }

    /// <summary>Takes back what the sequence holds beyond the history: tokens that could not be written to the journal.</summary>
    public async ValueTask AlignAsync()
    {
        if (_sequence is { } sequence && sequence.TokenCount > History.TokenCount)
            await sequence.TruncateAsync(History.TokenCount, CancellationToken.None);
    }

    /// <summary>Goes on under another attention policy, which <see cref="CheckPolicy"/> or its like has let pass. Computes nothing again.</summary>
    public async Task ChangePolicyAsync(string policy)
    {
        if (policy == History.Policy) return;
        await log.ChangePolicyAsync(policy);
        if (_sequence is not { } sequence) return;
        try
        {
            await sequence.ChangePolicyAsync(policy, CancellationToken.None);
        }
        catch
        {
            // The history leads: the sequence is opened again as it says.
            _sequence = null;
            await sequence.DisposeAsync();
            throw;
        }
    }

    /// <summary>Refuses to go on when the policy of the history, written by an earlier start, cannot be used with the model of this one.</summary>
    /// <exception cref="SessionException">The message says why, and how to choose another.</exception>
    public void CheckPolicy()
    {
        if (_sequence is not null) return;
        try
        {
            engine.CheckPolicy(History.Policy);
        }
        catch (ArgumentException exception)
        {
            throw new SessionException(
                SessionErrorCode.InvalidRequest,
                $"The attention policy of this session, '{History.Policy}', cannot be used: {TurnLimits.MessageOf(exception)} Name another in 'policy'.", "policy", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sequence is not null) await _sequence.DisposeAsync();
        await log.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of a turn could not be written; what was delivered is in the journal")]
    private static partial void LogFinishFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The receipt of an answer could not be written; the answer itself is safe")]
    private static partial void LogReceiptFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The memory of an attention policy could not be stored; the next start makes it from the pages")]
    private static partial void LogMemoryFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A session could not be saved; its journal has everything and the next start computes more")]
    private static partial void LogSaveFailed(ILogger logger, Exception exception);
}
