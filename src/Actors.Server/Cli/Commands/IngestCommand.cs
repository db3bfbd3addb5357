using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary><c>actors ingest --session S FILE|-</c></summary>
internal static class IngestCommand
{
    public static Command Create(CommandServices services)
    {
        Option<string> session = SessionArgument.Create();
        var source = new Argument<string>("file") { Description = "UTF-8 text to remember; - reads standard input." };
        var again = new Option<bool>("--again") { Description = "Add the file although the session holds it already." };
        var repeat = new Option<int>("--repeat")
        {
            Description = "How often the whole text is read, one time after the other.", HelpName = "N", DefaultValueFactory = static _ => 1,
            Validators = { static result => GlobalOptions.RequireRange(result, 1, 8) },
        };
        var command = new Command("ingest", "Add a text to what a session remembers. A file that was cut off goes on where it stopped.") { session, source, again, repeat };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string name = result.GetRequiredValue(session), path = result.GetRequiredValue(source);
            int times = result.GetValue(repeat);
            if (times > 1 && path == "-") throw new CliException(ExitCode.Usage, "Standard input cannot be read twice; name a file for --repeat.");
            await using Stream stream = OpenSource(path, services.Terminal);
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            SessionInfo? before = await access.Sessions.ShowAsync(name, cancellationToken);
            IngestLog? log = path == "-" ? null : await OpenLogAsync(stream, settings, name, cancellationToken);
            long skip = result.GetValue(again) ? 0 : log?.Entry?.BytesIn(before?.Tokens, before?.Created.ToUnixTimeSeconds()) ?? 0;
            NoteSkip(services.Terminal, name, path, skip, stream);

            var run = new Run(services, access.Sessions, name, path, settings.Policy, log, path == "-" ? null : stream.Length);
            IngestResult added = await run.AddAsync(stream, skip, before?.Tokens ?? 0, path == "-" || skip < stream.Length ? times : 1, cancellationToken);
            if (settings.Json) services.Terminal.WriteJson(added);
            else services.Terminal.Out.WriteLine(Describe(added));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Stream OpenSource(string path, Terminal terminal)
    {
        if (path == "-") return terminal.OpenInput();
        if (Directory.Exists(path)) throw new CliException(ExitCode.Usage, $"'{path}' is a directory; name one text file, or pipe several into 'ingest -'.");
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"There is no file '{path}'.", exception);
        }
    }

    private static async Task<IngestLog> OpenLogAsync(Stream stream, Settings settings, string session, CancellationToken cancellationToken)
    {
        byte[] hash = await SHA256.HashDataAsync(stream, cancellationToken);
        stream.Position = 0;
        string data = Path.GetFullPath(settings.Data ?? ServerOptions.DefaultData);
        return IngestLog.Open(Path.Combine(data, "ingests"), settings.Server?.ToString() ?? data, session, hash);
    }

    private static void NoteSkip(Terminal terminal, string session, string path, long skip, Stream stream)
    {
        if (skip == 0) return;
        terminal.Note(skip >= stream.Length
            ? $"{path} is already in session {session}, all {skip:N0} bytes of it. Use --again to add it once more."
            : string.Create(CultureInfo.InvariantCulture, $"The first {skip:N0} of {stream.Length:N0} bytes of {path} are already in session {session}; going on there."));
    }

    private static string Describe(IngestResult added) => string.Create(
        CultureInfo.InvariantCulture,
        $"Added {added.Tokens:N0} tokens to session {added.Session} in {added.Seconds:0.0} s ({added.TokensPerSecond:N0} tokens/s); it remembers {added.SessionTokens:N0} tokens.");

    private sealed class Run(
        CommandServices services, ISessionClient sessions, string session, string path, string? policy, IngestLog? log, long? totalBytes)
    {
        private readonly RateByTenth _tenths = new(services.Time);
        private readonly Throughput _throughput = new(services.Time, TimeSpan.FromSeconds(5));
        private long _tokens, _bytes, _sessionTokens;

        public async Task<IngestResult> AddAsync(Stream stream, long skip, long sessionTokens, int times, CancellationToken cancellationToken)
        {
            _sessionTokens = sessionTokens;
            long start = services.Time.GetTimestamp();
            await using (IProgressDisplay progress = services.ShowProgress($"Ingesting {(path == "-" ? "standard input" : Path.GetFileName(path))}", "tokens"))
            {
                await ReadAsync(stream, skip, log, progress, cancellationToken);
                for (int time = 1; time < times; time++)
                {
                    stream.Position = 0;
                    await ReadAsync(stream, 0, null, progress, cancellationToken); // the log is about the first reading
                }
            }
            double seconds = services.Time.GetElapsedTime(start).TotalSeconds;
            return new IngestResult(session, path, _bytes, skip, _tokens, _sessionTokens, seconds, _tokens / Math.Max(1e-9, seconds), _tenths.Rates());
        }

        private async Task ReadAsync(Stream stream, long skip, IngestLog? log, IProgressDisplay progress, CancellationToken cancellationToken)
        {
            await foreach (TextPiece piece in TextPieces.ReadAsync(stream, path == "-" ? "Standard input" : path, TextPieces.MaxPieceBytes, cancellationToken))
                if (piece.Offset + piece.Bytes > skip) await AddAsync(piece, skip, log, progress, cancellationToken);
        }

        private async Task AddAsync(TextPiece piece, long skip, IngestLog? log, IProgressDisplay progress, CancellationToken cancellationToken)
        {
            long? created = log?.Entry?.Created;
            log?.Write(new IngestLogEntry(piece.Offset, piece.Bytes, _sessionTokens, totalBytes!.Value, piece.Offset == 0 && _sessionTokens == 0 ? null : created ?? await CreatedAsync(cancellationToken)));
            var request = new IngestRequest { Items = [new SessionItem { Role = SessionItem.TextRole, Text = piece.Text }], Policy = policy };
            IngestProgress last = new();
            await foreach (IngestProgress report in sessions.IngestAsync(session, request, cancellationToken))
            {
                last = report;
                long done = _tokens + report.ComputedTokens;
                _tenths.Mark(done);
                progress.Report(done, EstimateTokens(done, piece, report, skip), _throughput.Mark(done));
            }
            _tokens += last.TotalTokens;
            _bytes += piece.Bytes;
            _sessionTokens = last.SessionTokens;
            log?.Write(new IngestLogEntry(piece.Offset + piece.Bytes, 0, _sessionTokens, totalBytes!.Value, log.Entry!.Created ?? await CreatedAsync(cancellationToken)));
        }

        private async Task<long?> CreatedAsync(CancellationToken cancellationToken) =>
            (await sessions.ShowAsync(session, cancellationToken))?.Created.ToUnixTimeSeconds();

        /// <summary>Tokens in all, judged by the bytes per token so far.</summary>
        private long? EstimateTokens(long done, TextPiece piece, IngestProgress report, long skip)
        {
            if (totalBytes is not long total || report.TotalTokens == 0) return null;
            double bytes = _bytes + (piece.Bytes * (double)report.ComputedTokens / report.TotalTokens);
            return bytes < 1 ? null : Math.Max(done, (long)Math.Round(done * (total - skip) / bytes));
        }
    }
}
