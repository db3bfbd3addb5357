using System.CommandLine;
using System.Globalization;
using Actors.Attention;
using Actors.Server.Evaluation;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary><c>actors eval passkey|kv|niah|facts</c></summary>
internal static class EvalCommand
{
    private static readonly string[] Tasks = ["passkey", "kv", "niah", "facts"];

    public static Command Create(CommandServices services)
    {
        var task = new Argument<string>("task") { Description = "passkey: a number in noise. kv: one of many random pairs. niah: magic numbers. facts: the bundled model's own kinds of facts." };
        task.AcceptOnlyFromAmong(Tasks);
        var length = new Option<int[]>("--length", "-l")
        {
            Description = "Lengths in tokens, such as 400,4k,128k.", HelpName = "N[,N]", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [400], CustomParser = static result => NumberList.Parse(result, 16, 100_000_000),
        };
        var samples = new Option<int>("--samples", "-k")
        {
            Description = "Contexts per row.", HelpName = "K", DefaultValueFactory = static _ => 5, Validators = { static result => GlobalOptions.RequireRange(result, 1, 100_000) },
        };
        var seed = new Option<long>("--seed") { Description = "Equal seeds give equal contexts.", HelpName = "S", DefaultValueFactory = static _ => 42 };
        var keys = new Option<int?>("--keys")
        {
            Description = "Needles of niah [default: 1], facts of facts [default: 10].", HelpName = "N", Validators = { static result => GlobalOptions.RequireRange(result, 1, 400) },
        };
        var text = new Option<string?>("--text") { Description = "File with prose to hide needles and facts in. [default: five repeated sentences]", HelpName = "FILE" };
        var write = new Option<string?>("--write")
        {
            Description = "Run nothing; write the first context of the first length to FILE and its questions to FILE.questions.jsonl.", HelpName = "FILE",
        };
        var details = new Option<bool>("--details") { Description = "With --json, list every answer; else print the wrong ones." };
        var command = new Command("eval", "Measure what is remembered: one row per policy and length.") { task, length, samples, seed, keys, text, write, details };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string[] policies = (settings.Policy ?? "auto").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (string policy in policies)
                if (!AttentionPolicies.IsKnown(policy)) throw new CliException(ExitCode.Usage, $"--policy is '{policy}'; known are {string.Join(", ", AttentionPolicies.Names)}.");

            Haystack haystack = await ReadHaystackAsync(result.GetValue(text), cancellationToken);
            var plan = new EvaluationPlan(
                CreateTask(result.GetRequiredValue(task), haystack, result.GetValue(keys)), policies, result.GetRequiredValue(length), result.GetValue(samples), result.GetValue(seed));
            await using EngineAccess access = EngineAccess.Open(settings with { Policy = policies[0] });
            if (result.GetValue(write) is { } file) await WriteAsync(plan, access, file, services.Terminal, cancellationToken);
            else await RunAsync(plan, access, settings, result.GetValue(details), services, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEvaluationTask CreateTask(string name, Haystack haystack, int? keys) => name switch
    {
        "passkey" => new PasskeyTask(),
        "kv" => new KvTask(),
        "niah" => new NeedleTask(haystack, keys ?? 1),
        _ => new FactsTask(haystack, keys ?? 10),
    };

    private static async Task<Haystack> ReadHaystackAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null) return Haystack.Noise;
        if (!File.Exists(file)) throw new CliException(ExitCode.NotFound, $"There is no file '{file}' for --text.");
        return Haystack.FromText(await File.ReadAllTextAsync(file, cancellationToken));
    }

    private static async Task RunAsync(
        EvaluationPlan plan, EngineAccess access, Settings settings, bool details, CommandServices services, CancellationToken cancellationToken)
    {
        using var stores = new TemporaryPageStores();
        var runner = new EvaluationRunner(access.Engine, stores.Create);
        List<EvaluationRow> rows = [];
        foreach (int length in plan.Lengths)
        {
            foreach (string policy in plan.Policies)
            {
                EvaluationRow row;
                await using (IProgressDisplay progress = services.ShowProgress($"{plan.Task.Name} {policy} {length}", "tokens"))
                {
                    var throughput = new Throughput(services.Time, TimeSpan.FromSeconds(5));
                    long done = 0, total = (long)length * plan.Samples;
                    row = await runner.RunAsync(plan, policy, length, tokens => progress.Report(done += tokens, Math.Max(done, total), throughput.Mark(done)), cancellationToken);
                }
                rows.Add(row);
                if (settings.Json) services.Terminal.WriteJson(details ? row : row with { Answers = [] });
                stores.Clear();
            }
        }
        if (settings.Json) return;
        services.Terminal.OutConsole().Write(Table(rows));
        if (details) WriteWrong(rows, services.Terminal);
    }

    private static async Task WriteAsync(EvaluationPlan plan, EngineAccess access, string file, Terminal terminal, CancellationToken cancellationToken)
    {
        EvaluationSample sample = plan.CreateSample(0, plan.Lengths[0], new PromptFrame(access.Model).CountTokens);
        await File.WriteAllTextAsync(file, sample.Context, cancellationToken);
        string questions = file + ".questions.jsonl";
        await using (var writer = new StreamWriter(questions))
        {
            Terminal lines = new() { In = TextReader.Null, OpenInput = static () => Stream.Null, Out = writer, Error = TextWriter.Null };
            foreach (EvaluationQuestion question in sample.Questions)
                lines.WriteJson(new { question.Kind, question.Depth, question.Told, Question = question.Text, question.Expected });
        }
        terminal.Note($"Wrote {file} and {questions}.");
    }

    private static Table Table(IEnumerable<EvaluationRow> rows)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns("Task", "Policy");
        foreach (string column in (string[])["Tokens", "Right", "Score", "Keys read", "Prefill tok/s", "Decode ms/tok", "In memory", "On disk"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (EvaluationRow row in rows)
        {
            table.AddRow(
                row.Task, row.Policy, Format($"{row.Tokens:N0}"), $"{row.Right}/{row.Questions}", Format($"{row.Score:0.0}"), Format($"{row.KeysRead:N0}"),
                Format($"{row.PrefillTokensPerSecond:N0}"), Format($"{row.DecodeMilliseconds:0.00}"), ByteSize.Format(row.ResidentBytes), ByteSize.Format(row.StoredBytes));
        }
        return table;
    }

    private static void WriteWrong(IEnumerable<EvaluationRow> rows, Terminal terminal)
    {
        foreach (EvaluationRow row in rows)
            foreach (EvaluationAnswer answer in row.Answers.Where(answer => !answer.Right))
                terminal.Out.WriteLine(Format($"{row.Policy} {row.Tokens:N0} at {answer.Depth:0.00}: told '{answer.Told}', asked '{answer.Question}', expected '{answer.Expected}', got '{answer.Answer.ReplaceLineEndings(" ")}'"));
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
