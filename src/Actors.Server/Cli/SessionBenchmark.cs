using System.Text;
using Actors.Grains.Abstractions;
using Actors.Server.Evaluation;

namespace Actors.Server.Cli;

/// <summary>Measures one session from end to end in a data folder of its own, which is removed afterwards.</summary>
internal static class SessionBenchmark
{
    private const int TextBytes = 64 * 1024;

    public static async Task<SessionBenchResult> RunAsync(Settings settings, CommandServices services, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("actors-bench-");
        try
        {
            return await RunAsync(settings with { Data = folder.FullName, Server = null }, folder, services, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<SessionBenchResult> RunAsync(Settings settings, DirectoryInfo folder, CommandServices services, CancellationToken cancellationToken)
    {
        var text = new StringBuilder("The pass key is 48213. Remember it. 48213 is the pass key.\n");
        while (text.Length < TextBytes) text.Append(Haystack.NoiseUnit).Append('\n');

        long tokens;
        double ingestSeconds;
        Answer answer;
        await using (SessionAccess access = await SessionAccess.OpenAsync(settings, services, cancellationToken))
        {
            long start = services.Time.GetTimestamp();
            var request = new IngestRequest { Items = [new SessionItem { Role = SessionItem.TextRole, Text = text.ToString() }], Policy = settings.Policy };
            IngestProgress last = new();
            await foreach (IngestProgress progress in access.Sessions.IngestAsync("bench", request, cancellationToken)) last = progress;
            ingestSeconds = services.Time.GetElapsedTime(start).TotalSeconds;
            tokens = last.TotalTokens;
            answer = await AskAsync(access, services, cancellationToken);
        }
        long reopen = services.Time.GetTimestamp();
        await using (SessionAccess access = await SessionAccess.OpenAsync(settings, services, cancellationToken))
        {
            await AskAsync(access, services, cancellationToken);
            return new SessionBenchResult(
                tokens, tokens / ingestSeconds, answer.Seconds, answer.FirstTokenSeconds, services.Time.GetElapsedTime(reopen).TotalSeconds);
        }
    }

    private static Task<Answer> AskAsync(SessionAccess access, CommandServices services, CancellationToken cancellationToken)
    {
        var request = new TurnRequest
        {
            Items = [new SessionItem { Role = "user", Text = "What is the pass key?" }], MaxNewTokens = 32, Sampling = new TurnSampling { Temperature = 0 },
        };
        return AnswerReader.ReadAsync(access.Sessions, "bench", request, services, static _ => { }, cancellationToken);
    }
}
