using System.CommandLine;
using System.Globalization;
using System.Runtime.Intrinsics;
using Actors.Server.Evaluation;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary><c>actors bench</c></summary>
internal static class BenchCommand
{
    public static Command Create(CommandServices services)
    {
        var context = new Option<int[]>("--context", "-c")
        {
            Description = "Lengths of context in tokens.", HelpName = "N[,N]", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [1024, 8192], CustomParser = static result => NumberList.Parse(result, 16, 100_000_000),
        };
        var rounds = new Option<int>("--rounds", "-r")
        {
            Description = "How often each length is measured; medians are shown.", HelpName = "N", DefaultValueFactory = static _ => 5,
            Validators = { static result => GlobalOptions.RequireRange(result, 1, 1000) },
        };
        var tokens = new Option<int>("--tokens", "-n")
        {
            Description = "Tokens generated in a round.", HelpName = "N", DefaultValueFactory = static _ => 32, Validators = { static result => GlobalOptions.RequireRange(result, 2, 100_000) },
        };
        var engineOnly = new Option<bool>("--engine-only") { Description = "Leave out the measurement of a whole session on disk." };
        var command = new Command("bench", "Measure speed: prefill, decoding at several lengths of context, and a session from end to end.") { context, rounds, tokens, engineOnly };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            int[] contexts = result.GetRequiredValue(context);
            IReadOnlyList<BenchRow> rows = await MeasureEngineAsync(
                settings, contexts, result.GetValue(rounds), result.GetValue(tokens), services, cancellationToken);
            SessionBenchResult? session = result.GetValue(engineOnly) ? null : await SessionBenchmark.RunAsync(settings, services, cancellationToken);
            if (settings.Json) services.Terminal.WriteJson(new { Model = settings.Model ?? "recall-tiny", Threads = settings.Threads ?? Environment.ProcessorCount, Simd = Simd(), Engine = rows, Session = session });
            else Write(services.Terminal, rows, session);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<IReadOnlyList<BenchRow>> MeasureEngineAsync(
        Settings settings, int[] contexts, int rounds, int tokens, CommandServices services, CancellationToken cancellationToken)
    {
        string[] policies = (settings.Policy ?? "auto").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        await using EngineAccess access = EngineAccess.Open(settings with { Policy = policies[0] });
        using var stores = new TemporaryPageStores();
        var benchmark = new EngineBenchmark(access.Engine, stores.Create);
        List<BenchRow> rows = [];
        foreach (string policy in policies)
        {
            await using IProgressDisplay progress = services.ShowProgress($"bench {policy}", "tokens");
            var throughput = new Throughput(services.Time, TimeSpan.FromSeconds(5));
            long done = 0, total = contexts.Sum(length => (long)length + rounds + 1);
            rows.AddRange(await benchmark.RunAsync(
                policy, contexts, rounds, tokens, computed => progress.Report(done += computed, Math.Max(done, total), throughput.Mark(done)), cancellationToken));
            stores.Clear();
        }
        return rows;
    }

    private static void Write(Terminal terminal, IReadOnlyList<BenchRow> rows, SessionBenchResult? session)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns("Policy");
        foreach (string column in (string[])["Context", "Prefill tok/s", "Prefill attention", "Prefill read", "Decode ms/tok", "Least", "Keys read", "Pre", "Write", "Attention", "Post", "Head", "Sample", "In memory"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (BenchRow row in rows)
        {
            StepBreakdown step = row.Step;
            table.AddRow(
            [
                row.Policy, Format($"{row.Context:N0}"), Format($"{row.PrefillTokensPerSecond:N0}"), Milliseconds(row.PrefillAttentionMilliseconds), Format($"{row.PrefillShareRead:P1}"), Milliseconds(row.DecodeMilliseconds), Milliseconds(row.DecodeMillisecondsLeast),
                Format($"{row.KeysRead:N0}"), .. ((double[])[step.Pre, step.Write, step.Attention, step.Post, step.Head, step.Sample]).Select(Milliseconds),
                ByteSize.Format(row.ResidentBytes),
            ]);
        }
        terminal.OutConsole().Write(table);
        if (session is null) return;
        terminal.Out.WriteLine(Format($"Session: {session.Tokens:N0} tokens ingested at {session.IngestTokensPerSecond:N0} tokens/s; answer in {session.AnswerSeconds:0.00} s (first token {session.FirstTokenSeconds ?? 0:0.000} s); reopened and answered in {session.ReopenSeconds:0.00} s."));
    }

    private static string Simd() => Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256" : Vector128.IsHardwareAccelerated ? "128" : "none";

    private static string Milliseconds(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
