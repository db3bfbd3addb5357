using System.Text.Json;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Storage;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>Brings sessions into memory: last manifest and journal, written anew when tokenizer or template changed. Thread-safe.</summary>
/// <param name="folder">Where sessions lie.</param>
/// <param name="engine">Computes for them.</param>
/// <param name="model">The model of the engine.</param>
/// <param name="options">Limits and defaults.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Receives what recovery found; never user text.</param>
public sealed partial class SessionOpener(
    DataFolder folder, InferenceEngine engine, SessionModel model, SessionGrainOptions options, TimeProvider time, ILogger<SessionOpener> logger)
{
    /// <summary>Refuses a policy that the engine cannot use.</summary>
    /// <exception cref="SessionException">It is unknown, or cannot be used with the model.</exception>
    internal void CheckPolicy(string? policy) => TurnLimits.CheckPolicy(engine, policy);

    /// <summary>Opens a session that exists.</summary>
    /// <returns>Null when there is none of that key.</returns>
    internal async Task<LiveSession?> TryOpenAsync(string key, CancellationToken cancellationToken)
    {
        (string tenant, string session) = SessionKey.Parse(key);
        return folder.Session(tenant, session).Exists ? await OpenAsync(key, null, cancellationToken) : null;
    }

    /// <summary>Opens a session, beginning it when there is none.</summary>
    /// <param name="key">Its grain key.</param>
    /// <param name="policy">Attention policy if it begins now; null for the default.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <exception cref="IOException">Its files cannot be read or written, or are damaged.</exception>
    internal async Task<LiveSession> OpenAsync(string key, string? policy, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (string tenant, string session) = SessionKey.Parse(key);
        SessionFolder sessionFolder = folder.Session(tenant, session);
        SessionJournal journal = sessionFolder.OpenJournal();
        try
        {
            if (journal.TornTail is { } tail) LogTornTail(logger, tail.Bytes);
            SessionHistory history = JournalReplay.Read(journal.Read(), new DateTimeOffset(File.GetLastWriteTimeUtc(journal.Path), TimeSpan.Zero));
            await BringUpToDateAsync(journal, history, policy ?? options.DefaultPolicy);

            SessionManifest manifest = sessionFolder.ReadManifest() ?? new SessionManifest { Tenant = tenant, Session = session };
            var log = new SessionLog(sessionFolder, journal, history, manifest with { Epoch = manifest.Epoch + 1 }, model, time);
            return new LiveSession(tenant, log, engine, model, options, logger);
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the receipt of a turn.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal TurnReceipt? ReadReceipt(string key, string turn)
    {
        (string tenant, string session) = SessionKey.Parse(key);
        if (!TurnFiles.IsValidName(turn) || folder.Session(tenant, session).Receipts.Read(turn) is not { } content) return null;
        try
        {
            return JsonSerializer.Deserialize(content, SessionJson.Default.TurnReceipt);
        }
        catch (JsonException exception)
        {
            throw new IOException($"The receipt of turn '{turn}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Erases a session that is not open.</summary>
    /// <returns>False when there was none.</returns>
    internal Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        (string tenant, string session) = SessionKey.Parse(key);
        return Task.Run(() => folder.Delete(tenant, session), cancellationToken);
    }

    private async Task BringUpToDateAsync(SessionJournal journal, SessionHistory history, string policy)
    {
        if (history.Policy.Length == 0)
        {
            var origin = new SessionOrigin(policy, model.Id, model.TextFingerprint, time.GetUtcNow());
            await journal.AppendAsync(new NoteRecord(JournalReplay.OriginNote, ToJson(origin)), JournalFlush.OperatingSystem);
            history.Open(origin);
        }
        else if (history.TextFingerprint != model.TextFingerprint)
        {
            await RewriteAsync(journal, history);
        }
        else if (history.OpenTurn is { } turn)
        {
            // The process died in this answer. Its text is written down while the tokenizer that can read its tokens is still here.
            var summary = new TurnSummary(new TurnUsage { CompletionTokens = turn.Tokens }, model.TextOf(history.Tokens[^turn.Tokens..]));
            string content = JsonSerializer.Serialize(summary, SessionJson.Default.TurnSummary);
            await journal.AppendAsync(new TurnFinishedRecord(turn.Id, SessionLog.NameOf(TurnEndReason.Cancelled), content, []), JournalFlush.OperatingSystem);
            history.FinishTurn(TurnEndReason.Cancelled, summary.Usage, time.GetUtcNow());
        }
    }

    private async Task RewriteAsync(SessionJournal journal, SessionHistory history)
    {
        var origin = new SessionOrigin(history.Policy, model.Id, model.TextFingerprint, history.Created);
        List<JournalItem> items = model.Encode(Transcript.Read(journal.Read()), HistoryEnd.Nothing, lastRole: null);
        await journal.AppendAsync(new InputRecord([new JournalItem(JournalReplay.RewrittenRole, ToJson(origin), []), .. items]), JournalFlush.Disk);
        history.Rewrite(origin, items);
        LogRewritten(logger, items.Count, history.TokenCount);
    }

    private static string ToJson(SessionOrigin origin) => JsonSerializer.Serialize(origin, SessionJson.Default.SessionOrigin);

    [LoggerMessage(Level = LogLevel.Information, Message = "A record of {Bytes} bytes was being written when the process ended; it was cut off")]
    private static partial void LogTornTail(ILogger logger, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tokenizer or chat template changed: {Items} items were written again as {Tokens} tokens")]
    private static partial void LogRewritten(ILogger logger, int items, int tokens);
}
