using Actors.Attention;
using Actors.KvCache;

namespace Actors.Engine;

/// <summary>
/// One conversation inside an engine: its tokens, and the keys and values of those that were computed.
/// </summary>
/// <remarks>
/// Tokens [0, <see cref="ComputedTokens"/>) have keys and values in pages; the tokens after them are known and wait: the rest of a
/// cancelled input, the last sampled token (it is computed when something follows it), or what a restart lost. The next turn computes
/// them first. One operation at a time: a turn, <see cref="SaveAsync"/>, <see cref="TruncateAsync"/>. Properties may be read at any time.
/// </remarks>
public sealed class EngineSequence : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TokenList _tokens;
    private readonly InferenceEngine _engine;
    private readonly FidelityLedger _fidelity;
    private readonly bool _hasStore;
    private Turn? _turn;
    private string? _operation;
    private bool _disposed;
    private bool _released;
    private int _knownTokens;
    private int _computedTokens;

    internal EngineSequence(
        InferenceEngine engine,
        SequenceOptions options,
        IAttentionPolicy policy,
        PageTable table,
        SequenceAttention attention,
        IReadOnlyList<IOException> restoreProblems)
    {
        _engine = engine;
        Policy = policy;
        Table = table;
        Attention = attention;
        _fidelity = engine.CreateFidelity();
        attention.Fidelity = _fidelity.Of(policy.Name);
        RestoreProblems = restoreProblems;
        _hasStore = options.PageStore is not null;
        _tokens = new TokenList(options.Tokens.Span);
        _knownTokens = options.Tokens.Length;
        _computedTokens = table.TokenCount;
    }

    /// <summary>Tokens of the conversation, computed or not.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>Tokens whose keys and values are there.</summary>
    public int ComputedTokens => Volatile.Read(ref _computedTokens);

    /// <summary>A copy of the tokens as they are now.</summary>
    public IReadOnlyList<int> Tokens => _tokens.ToArray();

    /// <summary>Name of the attention policy.</summary>
    public string PolicyName => Policy.Name;

    /// <summary>What attention read in the last step.</summary>
    public AttentionReport AttentionReport => Attention.Report;

    /// <summary>How near attention came to exact attention on sampled steps, by policy, the one in use last. See <see cref="EngineOptions.FidelityRate"/>.</summary>
    /// <value>Empty until a step was sampled or skipped.</value>
    public IReadOnlyList<PolicyFidelity> Fidelity => _fidelity.Published;

    /// <summary>Tokens whose policy memory was taken from <see cref="SequenceOptions.OpenMemory"/>; 0 when it was made from the pages.</summary>
    public int RestoredMemoryTokens => Attention.RestoredMemoryTokens;

    /// <summary>What was wrong with stored pages when the sequence was opened. What they held is computed again.</summary>
    public IReadOnlyList<IOException> RestoreProblems { get; }

    /// <summary>Bytes of the policy's indexes and memories, beside the pages. Read it while no operation is in progress.</summary>
    public long IndexBytes => Attention.IndexBytes;

    /// <summary>Where the keys and values lie now. Walks all pages.</summary>
    public SequenceMemory Memory
    {
        get
        {
            (int resident, int stored, long pageBytes) = (Table.ResidentPages, Table.StoredPages, Table.Layout.PageBytes);
            return new SequenceMemory(resident, stored, resident * pageBytes, stored * pageBytes);
        }
    }

    internal IAttentionPolicy Policy { get; private set; }

    internal PageTable Table { get; }

    internal SequenceAttention Attention { get; private set; }

    /// <summary>Tokens that were computed, or given as a conversation to go on with, at some time.</summary>
    internal int KnownTokens => _knownTokens;

    /// <summary>Drops the tokens from <paramref name="tokenCount"/> on, as if they had never been.</summary>
    /// <param name="tokenCount">Tokens to keep, 0 to <see cref="TokenCount"/>.</param>
    /// <param name="cancellationToken">Gives up before anything is done.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many tokens.</exception>
    /// <exception cref="InvalidOperationException">Another operation is in progress.</exception>
    public async Task TruncateAsync(int tokenCount, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter("truncating");
        try
        {
            ArgumentOutOfRangeException.ThrowIfNegative(tokenCount);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, TokenCount);
            await _engine.Mailbox.InvokeAsync(() => DropTokens(tokenCount)).ConfigureAwait(false);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Stores all full pages and says what is durable then. Tokens after them are computed again when the sequence is opened anew.</summary>
    /// <param name="cancellationToken">Gives up; pages stored until then stay stored.</param>
    /// <returns>What a manifest has to name.</returns>
    /// <exception cref="PageStoreException">Pages cannot be written. They stay in memory, and saving may be tried again.</exception>
    /// <exception cref="InvalidOperationException">The sequence has no page store, or another operation is in progress.</exception>
    public async Task<SavedSequence> SaveAsync(CancellationToken cancellationToken = default)
    {
        Enter("saving");
        try
        {
            SavedPages pages = await Table.SaveAsync(cancellationToken).ConfigureAwait(false);
            return new SavedSequence
            {
                ModelFingerprint = _engine.Model.Fingerprint,
                PolicyName = Policy.Name,
                PolicyFingerprint = Policy.Fingerprint,
                TokenCount = TokenCount,
                Pages = pages,
                Memory = Attention.Memory,
            };
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Goes on under another attention policy. Nothing is computed again; keys and values from here on belong to the new policy.</summary>
    /// <param name="policyName">Name of the policy.</param>
    /// <param name="cancellationToken">Gives up before anything is done.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="InvalidOperationException">Another operation is in progress.</exception>
    public async Task ChangePolicyAsync(string policyName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(policyName);
        cancellationToken.ThrowIfCancellationRequested();
        IAttentionPolicy policy = _engine.CreatePolicy(policyName);
        Enter("changing the policy");
        try
        {
            await _engine.Mailbox.InvokeAsync(() =>
            {
                SequenceAttention attention = _engine.CreateAttention(policy, Table);
                Table.ChangeContext(Table.Context with { PolicyFingerprint = policy.Fingerprint });
                attention.Fidelity = _fidelity.Of(policy.Name);
                Attention.Dispose();
                (Policy, Attention) = (policy, attention);
            }).ConfigureAwait(false);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Cancels a running turn, waits until no step uses the sequence, and releases its memory. Stored pages stay stored.</summary>
    /// <returns>A task that ends when everything is released.</returns>
    public async ValueTask DisposeAsync()
    {
        Turn? turn;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            turn = _turn;
        }
        turn?.Cancel();
        if (turn is not null)
            await turn.Released.ConfigureAwait(false);
        await _engine.Mailbox.InvokeAsync(Release).ConfigureAwait(false);

        // Ends when no page is being written: then the session's files may be deleted.
        await Table.DisposeAsync().ConfigureAwait(false);
    }

    internal void Enter(string operation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_operation is not null)
                throw new InvalidOperationException($"{operation} cannot start: {_operation} is still in progress on this sequence. Await it first.");
            _operation = operation;
        }
    }

    internal void Exit()
    {
        lock (_lock)
            (_operation, _turn) = (null, null);
    }

    /// <summary>Takes the input of an accepted turn in.</summary>
    internal void Accept(Turn turn)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _turn = turn;
            _tokens.Add(turn.Request.Input.Span);
        }
    }

    internal void Append(int token) => _tokens.Add(token);

    /// <summary>The tokens without a copy, for the step thread and its workers.</summary>
    internal ReadOnlySpan<int> StepTokens => _tokens.AsSpan();

    /// <summary>Ends a turn for its reader: the last <paramref name="undelivered"/> tokens, which nobody saw, are taken back.</summary>
    internal async Task LeaveAsync(int undelivered)
    {
        if (undelivered > 0)
            await _engine.Mailbox.InvokeAsync(() => DropTokens(TokenCount - undelivered)).ConfigureAwait(false);
        Exit();
    }

    private void Release()
    {
        _released = true;
        Attention.Dispose();
        Table.Dispose();
        _engine.Forget(this);
    }

    private void DropTokens(int tokenCount)
    {
        if (_released)
            return;
        if (tokenCount < ComputedTokens)
            Forget(tokenCount);
        _tokens.RemoveFrom(tokenCount);
        _knownTokens = Math.Min(_knownTokens, tokenCount);
    }

    /// <summary>Brings the sequence to where a turn can start: equal prefixes are shared, and one token is left where logits are needed.</summary>
    internal void Prepare(bool needsLogits, bool mayShare)
    {
        int count = TokenCount;
        int pages = KvLayout.PagesFor(count);
        if (!_hasStore && pages > _engine.PageLimit)
        {
            throw new KvCapacityException(
                $"The sequence needs {pages} pages for its {count} tokens, but the KV budget of {_engine.BudgetBytes} bytes holds " +
                $"{_engine.PageLimit} and the sequence has no page store to spill to. Use a named session, shorten the input, or raise the budget.");
        }
        int last = needsLogits ? count - 1 : count;
        if (ComputedTokens == 0 && mayShare)
        {
            if (Table.ReusePrefix(StepTokens[..last]) > 0)
                IndexCommitted();
        }
        else if (ComputedTokens > last)
            Forget(last);
        Volatile.Write(ref _computedTokens, Table.TokenCount);
    }

    /// <summary>Drops keys and values from a token on, but not the tokens: they are computed again.</summary>
    internal void Forget(int fromToken)
    {
        Table.Truncate(fromToken);
        IndexCommitted();
        Volatile.Write(ref _computedTokens, Table.TokenCount);
    }

    // The index reads bounds of stored pages; one that cannot be read ends the table, and what follows is computed again.
    private void IndexCommitted()
    {
        while (true)
        {
            try
            {
                Attention.OnCommitted();
                return;
            }
            catch (PageCorruptException damage) when (damage.PageIndex is { } page && page * KvLayout.PageTokens < Table.TokenCount)
            {
                Table.Truncate(page * KvLayout.PageTokens);
            }
        }
    }

    /// <summary>Gives pages back that were reserved for tokens which were not computed.</summary>
    internal void ReturnRoom()
    {
        if (Table.ReservedTokens - Table.TokenCount >= KvLayout.PageTokens)
            Table.Truncate(Table.TokenCount);
        Volatile.Write(ref _computedTokens, Table.TokenCount);
    }

    /// <summary>Makes the keys and values of the next tokens, written for all layers, part of the sequence.</summary>
    internal void Commit(ReadOnlySpan<int> tokens)
    {
        Table.Commit(tokens);
        Attention.OnCommitted();
        _fidelity.Publish();
        _knownTokens = Math.Max(_knownTokens, Table.TokenCount);
        Volatile.Write(ref _computedTokens, Table.TokenCount);
    }
}
