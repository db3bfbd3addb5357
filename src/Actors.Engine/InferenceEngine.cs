using System.Runtime.CompilerServices;
using Actors.Attention;
using Actors.KvCache;
using Actors.Models;
using Microsoft.Extensions.Logging;

namespace Actors.Engine;

/// <summary>
/// Runs the turns of many sequences together on one step thread. All members are safe from any thread.
/// </summary>
/// <remarks>docs/engine.md describes the step, the scheduler's rules and who owns what.</remarks>
public sealed partial class InferenceEngine : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<InferenceEngine> _logger;
    private readonly EngineInstruments _instruments;
    private readonly PagePool _pool;
    private readonly TurnQueue _queue;
    private readonly StepLoop _loop;
    private readonly RoomWatch _room;
    private readonly WakeSignal _wake = new();
    private readonly StepMailbox _mailbox;
    private readonly Lock _lock = new();
    private readonly HashSet<EngineSequence> _sequences = [];
    private readonly Thread? _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    /// <summary>Starts an engine.</summary>
    /// <param name="model">The model; stays the caller's and must outlive the engine. One engine per model.</param>
    /// <param name="options">Limits and defaults; read once.</param>
    /// <param name="time">Clock of usage and statistics.</param>
    /// <param name="logger">Receives failures; never user text.</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Options are out of range.</exception>
    public InferenceEngine(LoadedModel model, EngineOptions options, TimeProvider time, ILogger<InferenceEngine> logger)
        : this(model, options, time, logger, startThread: true)
    {
    }

    internal InferenceEngine(
        LoadedModel model, EngineOptions options, TimeProvider time, ILogger<InferenceEngine> logger, bool startThread)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        options.ThrowIfInvalid();
        (Model, _options, _time, _logger) = (model, options, time, logger);
        ModelShape shape = model.Backend.Shape;
        _pool = new PagePool(new KvLayout(shape.Layers, shape.KvHeads, shape.HeadDim, options.KvFormat), options.KvBudgetBytes);
        _mailbox = new StepMailbox(_wake.Set);
        _instruments = new EngineInstruments(time);
        _queue = new TurnQueue(options, _instruments, time);
        _instruments.Observe(GetStatistics);
        _room = new RoomWatch(_pool, options.RoomTimeout, time, _wake.Set);
        _loop = new StepLoop(model, options, _queue, _mailbox, _room, _instruments, time, logger);
        LogStarted(logger, model.Id, model.Pool.Workers, options.KvBudgetBytes, options.DefaultPolicy);
        if (KeyIndexes.FaissAbsence is string absence)
            LogFaissLeftOut(logger, absence);
        if (!startThread)
            return;
        _thread = new Thread(Serve) { IsBackground = true, Name = "engine steps" };
        _thread.Start();
    }

    /// <summary>The model.</summary>
    public LoadedModel Model { get; }

    /// <summary>Opens a sequence, new or known.</summary>
    /// <param name="options">Policy, tenant, store, and the tokens that are there already.</param>
    /// <returns>The sequence; the caller disposes it. Disposing the engine disposes it too.</returns>
    /// <exception cref="ArgumentException">The policy is unknown or a token is not in the vocabulary.</exception>
    /// <exception cref="IOException">
    /// The page store cannot be read at all. Damage to single files is only reported, see <see cref="EngineSequence.RestoreProblems"/>.
    /// </exception>
    public EngineSequence Open(SequenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_stopping, this);
        IAttentionPolicy policy = CreatePolicy(options.PolicyName ?? _options.DefaultPolicy);
        Model.CheckTokens(options.Tokens.Span, nameof(options));
        var context = new PageContext(Model.Fingerprint, policy.Fingerprint, options.TenantSalt);
        List<IOException> problems = [];
        PageTable table = CreateTable(context, options, problems);
        EngineSequence sequence;
        try
        {
            SequenceAttention attention = IndexPages(policy, table, options.OpenMemory, problems);
            sequence = new EngineSequence(this, options, policy, table, attention, problems);
        }
        catch
        {
            table.Dispose();
            throw;
        }
        lock (_lock)
            _sequences.Add(sequence);
        return sequence;
    }

    /// <summary>Checks that a policy can be used with the model, before anything is written or computed.</summary>
    /// <param name="policy">Name of the policy, perhaps with options.</param>
    /// <exception cref="ArgumentException">It is unknown, or cannot be used with the model; the message lists everything that is wrong.</exception>
    public void CheckPolicy(string policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        IAttentionPolicy created = CreatePolicy(policy);
        // What does not fit the model shows when a sequence is begun; an empty one holds no pages.
        using var table = new PageTable(_pool, new PageContext(Model.Fingerprint, created.Fingerprint, ""));
        CreateAttention(created, table).Dispose();
    }

    /// <summary>Runs one turn of a sequence.</summary>
    /// <param name="sequence">A sequence of this engine; it is busy until the enumeration ends.</param>
    /// <param name="turn">
    /// Input and what to generate. When the enumeration starts the input becomes part of the sequence and stays there, however the turn ends.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the turn before the next step. Generated tokens that the caller has not received are then taken back, so that the sequence holds
    /// exactly what was delivered; leaving the enumeration early does the same.
    /// </param>
    /// <returns>Events in order. Enumerate once. A slow reader holds up its own turn only.</returns>
    /// <exception cref="ArgumentException">The turn contradicts itself or the model.</exception>
    /// <exception cref="InvalidOperationException">Another operation is in progress on the sequence.</exception>
    /// <exception cref="EngineBusyException">The queue is full; the input was not taken.</exception>
    /// <exception cref="KvCapacityException">The sequence cannot get the memory that it needs.</exception>
    /// <exception cref="EngineFaultException">Something failed while the turn was computed.</exception>
    public IAsyncEnumerable<EngineEvent> RunAsync(EngineSequence sequence, EngineTurn turn, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentNullException.ThrowIfNull(turn);
        turn.ThrowIfInvalid(Model);
        return IterateAsync(sequence, turn, cancellationToken);
    }

    /// <summary>What the engine has done and holds.</summary>
    public EngineStatistics GetStatistics() => _instruments.Read() with
    {
        RunningTurns = _queue.Running,
        WaitingTurns = _queue.Waiting,
        ResidentBytes = _pool.ResidentBytes,
        BudgetBytes = _pool.BudgetBytes,
    };

    private PageTable CreateTable(PageContext context, SequenceOptions options, List<IOException> problems)
    {
        if (options.PageStore is null)
            return new PageTable(_pool, context);
        PageTable table = PageTable.Restore(
            _pool, context, options.PageStore, options.Tokens.Span, options.Verification, out IReadOnlyList<IOException> found);
        problems.AddRange(found);
        return table;
    }

    /// <summary>Builds the index over restored pages; a page that turns out to be damaged ends the table before it.</summary>
    private SequenceAttention IndexPages(IAttentionPolicy policy, PageTable table, Func<Stream?>? openMemory, List<IOException> problems)
    {
        while (true)
        {
            try
            {
                using Stream? memory = openMemory?.Invoke();
                return CreateAttention(policy, table, memory);
            }
            catch (PageCorruptException damage) when (damage.PageIndex is not null)
            {
                problems.Add(damage);
                table.Truncate(damage.PageIndex.Value * KvLayout.PageTokens);
            }
        }
    }

    private async IAsyncEnumerable<EngineEvent> IterateAsync(
        EngineSequence sequence, EngineTurn request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        sequence.Enter("a turn");
        Turn? turn = null;
        try
        {
            if (request.NeedsLogits && request.Input.IsEmpty && sequence.TokenCount == 0)
                throw new ArgumentException("The sequence is empty: give the turn at least one token of input.", nameof(request));
            if (request.AnswerSoFar > sequence.TokenCount + request.Input.Length)
                throw new ArgumentException($"AnswerSoFar is {request.AnswerSoFar}, more than the tokens of the sequence.", nameof(request));
            TurnOutput? output = request.MaxNewTokens > 0 ? new TurnOutput(Model, request) : null;
            var accepted = new Turn(sequence, request, output, _options.EventCapacity, _wake.Set, inlineReader: _thread is null)
            {
                Trace = request.ReceiptTokens > 0 ? new AttentionTrace(Model.AttentionShape) : null,
            };
            _queue.Enqueue(accepted);
            turn = accepted;
            _wake.Set();
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((Turn)state!).Cancel(), turn);
            while (await turn.Events.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // An event that was taken counts as delivered, so the token is checked before.
                while (!cancellationToken.IsCancellationRequested && turn.TryTake(out EngineEvent? item))
                    yield return item!;
            }
        }
        finally
        {
            if (turn is not null)
            {
                turn.Cancel();
                await turn.Released.ConfigureAwait(false);
            }
            await sequence.LeaveAsync(turn?.DropUnread() ?? 0).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all turns, disposes all sequences, and frees the memory of keys and values.</summary>
    /// <returns>A task that ends when the step thread has ended and everything is freed.</returns>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_stopping)
                return;
            _stopping = true;
        }
        _wake.Set();
        if (_thread is null)
            EndSteps();
        await _stopped.Task.ConfigureAwait(false);
        EngineSequence[] sequences;
        lock (_lock)
            sequences = [.. _sequences];
        foreach (EngineSequence sequence in sequences)
            await sequence.DisposeAsync().ConfigureAwait(false);
        _room.Dispose();
        _instruments.Dispose();
        _pool.Dispose();
    }

    internal StepMailbox Mailbox => _mailbox;

    internal int PageLimit => _pool.LimitPages;

    internal long BudgetBytes => _pool.BudgetBytes;

    internal IAttentionPolicy CreatePolicy(string name) => AttentionPolicies.Create(name, new PolicyEnvironment(Model.Config.TrainedWindow)
    {
        Shape = Model.AttentionShape, ModelFingerprint = Model.Fingerprint, ModelDirectory = Model.Checkpoint.Directory,
    });

    internal FidelityLedger CreateFidelity() => new(Model.AttentionShape, _options.FidelityRate, _options.FidelityKeyLimit);

    internal SequenceAttention CreateAttention(IAttentionPolicy policy, PageTable table, Stream? memory = null) => new(policy, table, Model.Rope, Model.AttentionShape, memory);

    internal void Forget(EngineSequence sequence)
    {
        lock (_lock)
            _sequences.Remove(sequence);
    }

    private void Serve()
    {
        try
        {
            while (!_stopping)
            {
                if (!_loop.StepOnce())
                    _wake.Wait();
            }
        }
        catch (Exception exception)
        {
            // Turns fail inside StepOnce; what arrives here is a fault of the engine's own books, after which no turn can be trusted.
            LogStopped(_logger, exception);
            _loop.Stop(exception);
        }
        EndSteps();
    }

    private void EndSteps()
    {
        _loop.Stop(new ObjectDisposedException(nameof(InferenceEngine), "The engine was disposed."));
        _mailbox.Close();
        _stopped.TrySetResult();
    }
}
