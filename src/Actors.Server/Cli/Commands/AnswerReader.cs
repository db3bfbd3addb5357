using System.Text;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary>Runs a turn, shows how the input is computed, and hands out the answer's text as it comes.</summary>
internal static class AnswerReader
{
    public static async Task<Answer> ReadAsync(
        ISessionClient sessions, string? session, TurnRequest request, CommandServices services, Action<string> onText, CancellationToken cancellationToken)
    {
        long start = services.Time.GetTimestamp();
        TimeSpan? first = null;
        var text = new StringBuilder();
        TurnEnded? ended = null;
        string? turn = null;
        IProgressDisplay? progress = null;
        var throughput = new Throughput(services.Time, TimeSpan.FromSeconds(5));

        void Write(string part)
        {
            if (part.Length == 0) return;
            text.Append(part);
            onText(part);
        }

        try
        {
            await foreach (TurnEvent turnEvent in sessions.RunTurnAsync(session, request, cancellationToken))
            {
                switch (turnEvent)
                {
                    case TurnAccepted accepted:
                        turn = accepted.TurnId.Length > 0 ? accepted.TurnId : null;
                        break;
                    case TurnProgress computed when computed.TotalTokens > 256:
                        progress ??= services.ShowProgress("Reading", "tokens");
                        progress.Report(computed.ComputedTokens, computed.TotalTokens, throughput.Mark(computed.ComputedTokens));
                        break;
                    case TurnDelta delta:
                        first ??= services.Time.GetElapsedTime(start);
                        if (progress is not null) await progress.DisposeAsync();
                        progress = null;
                        Write(delta.Text);
                        break;
                    case TurnEnded end:
                        Write(end.Text);
                        ended = end;
                        break;
                }
            }
        }
        finally
        {
            if (progress is not null) await progress.DisposeAsync();
        }
        if (ended is null) throw new CliException(ExitCode.Failed, "The answer ended without its last event; the connection was lost. What was shown is kept in the session.");
        return new Answer(session, text.ToString(), ended.Reason, ended.Usage, first?.TotalSeconds, services.Time.GetElapsedTime(start).TotalSeconds) { Turn = turn };
    }
}
