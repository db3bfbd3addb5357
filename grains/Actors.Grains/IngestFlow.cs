using System.Runtime.CompilerServices;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>Adds text without an answer: accept all of it in bounded pieces, then compute it in slices that are saved one by one.</summary>
internal static class IngestFlow
{
    private const int PiecesPerReport = 16;

    public static async IAsyncEnumerable<IngestProgress> RunAsync(
        LiveSession session, IngestRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<JournalItem> pieces = Encode(session, request);
        int total = pieces.Sum(piece => piece.Tokens.Length);
        TurnLimits.CheckLength(session.History.TokenCount + total, 0, session.Options);
        int sessionTokens = session.History.TokenCount + total, accepted = 0;

        IngestProgress Report(int computed, bool completed = false) => new()
        {
            AcceptedTokens = accepted,
            ComputedTokens = Math.Clamp(computed, 0, total),
            TotalTokens = total,
            SessionTokens = sessionTokens,
            Completed = completed,
        };

        for (int i = 0; i < pieces.Count; i++)
        {
            bool report = i == pieces.Count - 1 || i % PiecesPerReport == PiecesPerReport - 1;
            await session.Log.AddInputAsync([pieces[i]], report ? JournalFlush.Disk : JournalFlush.OperatingSystem);
            accepted += pieces[i].Tokens.Length;
            if (report) yield return Report(0);
        }

        await session.AlignAsync();
        await foreach (EngineEvent.Progress progress in session.ComputeAsync(leave: 0, cancellationToken))
            yield return Report(progress.ComputedTokens - (sessionTokens - total));

        yield return Report(total, completed: true);
    }

    private static List<JournalItem> Encode(LiveSession session, IngestRequest request)
    {
        if (request.Items.IsEmpty) throw new SessionException(SessionErrorCode.InvalidRequest, "There is nothing to ingest: no item was given.", "items");

        List<SessionItem> pieces = [];
        foreach (SessionItem item in request.Items)
        {
            if (item.Role == SessionItem.TextRole)
                pieces.AddRange(TextPieces.Split(item.Text, session.Options.PieceCharacters).Select(text => item with { Text = text }));
            else
                pieces.Add(item);
        }

        return session.Model.Encode(pieces, session.History.End, session.History.LastRole);
    }
}
