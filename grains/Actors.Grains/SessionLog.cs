using System.Text.Json;
using Actors.Attention;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.KvCache;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>
/// The durable side of a session: each change is written to the journal and then applied to the history, so that the two never differ.
/// Owns the journal. One flow at a time uses it.
/// </summary>
internal sealed class SessionLog(
    SessionFolder folder, SessionJournal journal, SessionHistory history, SessionManifest manifest, SessionModel model, TimeProvider time) : IAsyncDisposable
{
    private SessionManifest _manifest = manifest;

    /// <summary>How near policies came to exact attention before this start.</summary>
    public IReadOnlyList<SessionFidelity> EarlierFidelity { get; } = FidelityMeans.Read(manifest.Properties.GetValueOrDefault(FidelityMeans.Property));

    public SessionHistory History => history;

    public IPageStore Pages => folder.Pages;

    /// <summary>Tokens that stored pages may hold, if they are of this model.</summary>
    public int SavedTokens => _manifest.ModelFingerprint == model.Fingerprint ? Math.Min(_manifest.TokenCount, history.TokenCount) : 0;

    /// <summary>Stored pages of this model.</summary>
    public int StoredPages => _manifest.ModelFingerprint == model.Fingerprint ? _manifest.PageCount : 0;

    /// <summary>Bytes on disk: pages, journal and the memory of the policy.</summary>
    public long StoredBytes => _manifest.StoredBytes + journal.Length + folder.Memory.Bytes;

    public async Task AddInputAsync(IReadOnlyList<JournalItem> items, JournalFlush flush)
    {
        await journal.AppendAsync(new InputRecord(items), flush);
        history.AddInput(items, time.GetUtcNow());
    }

    /// <summary>Writes input and the beginning of the answer; both are on the disk when this ends.</summary>
    public async Task AcceptTurnAsync(TurnPlan plan, string turnId)
    {
        if (plan.Items.Count > 0) await AddInputAsync(plan.Items, JournalFlush.OperatingSystem);
        int[] prefix = plan.Prefix.ToArray();
        string options = JsonSerializer.Serialize(plan.Request.Sampling, SessionJson.Default.TurnSampling);
        await journal.AppendAsync(new TurnStartedRecord(turnId, options, prefix), JournalFlush.Disk);
        history.StartTurn(turnId, prefix, time.GetUtcNow());
    }

    /// <summary>Writes one token of an answer, which then survives the end of the process.</summary>
    public async Task AddAnswerAsync(string turnId, long index, int token)
    {
        await journal.AppendAsync(new TokensRecord(turnId, index, [token]), JournalFlush.OperatingSystem);
        history.AddAnswer([token], time.GetUtcNow());
    }

    public async Task FinishTurnAsync(string turnId, TurnEndReason reason, TurnUsage usage, string text)
    {
        string content = JsonSerializer.Serialize(new TurnSummary(usage, text), SessionJson.Default.TurnSummary);
        await journal.AppendAsync(new TurnFinishedRecord(turnId, NameOf(reason), content, []), JournalFlush.Disk);
        history.FinishTurn(reason, usage, time.GetUtcNow());
    }

    /// <summary>Writes what an answer was drawn from beside the journal.</summary>
    public Task SaveReceiptAsync(ReceiptRecorder recorder, string turnId) => Task.Run(
        () => folder.Receipts.Write(turnId, JsonSerializer.SerializeToUtf8Bytes(recorder.Build(journal.Read()), SessionJson.Default.TurnReceipt)));

    public async Task ChangePolicyAsync(string policy)
    {
        await journal.AppendAsync(new PolicyChangedRecord(policy, history.TokenCount), JournalFlush.Disk);
        history.ChangePolicy(policy, time.GetUtcNow());
    }

    /// <summary>Makes what is stored the state that the next start begins with, and removes page files that it does not name.</summary>
    /// <param name="saved">What is stored.</param>
    /// <param name="fidelity">How near policies came to exact attention, over all starts.</param>
    /// <exception cref="ManifestConflictException">Another writer has taken the session over.</exception>
    public void Commit(SavedSequence saved, IReadOnlyList<SessionFidelity> fidelity)
    {
        SessionManifest next = (_manifest with
        {
            Model = model.Id,
            ModelFingerprint = saved.ModelFingerprint,
            Policy = saved.PolicyName,
            TokenCount = saved.TokenCount,
            JournalBytes = journal.Length,
            Created = history.Created,
            Updated = history.Updated,
            Usage = new SessionUsage
            {
                Turns = history.Turns,
                InputTokens = history.Usage.PromptTokens,
                OutputTokens = history.Usage.CompletionTokens,
                CachedTokens = history.Usage.CachedTokens,
                ComputedTokens = history.Usage.PromptTokens - history.Usage.CachedTokens,
            },
            Properties = fidelity.Count == 0 ? _manifest.Properties : new Dictionary<string, string>(_manifest.Properties) { [FidelityMeans.Property] = FidelityMeans.ToJson(fidelity) },
        }).WithPages(saved.Pages);
        _manifest = folder.CommitManifest(next);
        folder.Pages.Retain([.. saved.Pages.Paths]);
    }

    /// <summary>Opens the stored memory of the policy.</summary>
    /// <returns>Null when there is none that can be used.</returns>
    public Stream? OpenMemory() => folder.Memory.Open();

    /// <summary>Stores the memory of the policy. Follows <see cref="Commit"/>, so that a writer that was superseded does not come here.</summary>
    /// <exception cref="StorageWriteException">It cannot be written.</exception>
    public Task SaveMemoryAsync(PolicyMemory memory) => Task.Run(() => folder.Memory.Write(memory.Write));

    /// <summary>Removes a stored memory that no policy needs any more.</summary>
    public void DropMemory()
    {
        if (folder.Memory.Bytes > 0) folder.Memory.Delete();
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();

    internal static string NameOf(TurnEndReason reason) => reason switch
    {
        TurnEndReason.Stop => "stop",
        TurnEndReason.Length => "length",
        _ => "cancelled",
    };
}
