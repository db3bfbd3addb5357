using System.CommandLine;
using System.Globalization;
using Actors.Attention;
using Actors.Server.Evaluation;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary><c>actors eval TASK</c> and <c>actors eval report</c></summary>
internal static class EvalCommand
{
    public static Command Create(CommandServices services)
    {
        EvalOptions options = new();
        Command command = new("eval", "Measure what is remembered: one row per policy and length.");
        options.AddTo(command);
        command.Add(EvalReportCommand.Create(services));
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            EvaluationPlan plan = await options.ReadPlanAsync(result, settings, cancellationToken);
            await using EngineAccess access = EngineAccess.Open(settings with { Policy = null }, plan.Fidelity);
            CheckPolicies(plan, access);
            if (result.GetValue(options.Write) is { } file) await WriteAsync(plan, access, file, services.Terminal, cancellationToken);
            else await RunAsync(plan, access, settings, result.GetValue(options.Output), result.GetValue(options.Details), services, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void CheckPolicies(EvaluationPlan plan, EngineAccess access)
    {
        foreach (string policy in plan.Ingest is null ? plan.Policies : [.. plan.Policies, plan.Ingest])
        {
            try
            {
                access.Engine.CheckPolicy(policy);
            }
            catch (ArgumentException exception)
            {
                throw new CliException(ExitCode.Usage, exception.Message);
            }
        }
    }

    private static async Task RunAsync(
        EvaluationPlan plan, EngineAccess access, Settings settings, string? output, bool details, CommandServices services, CancellationToken cancellationToken)
    {
        ResultsFile? file = output is null ? null : ResultsFile.Open(output);
        using var stores = new TemporaryPageStores();
        var driver = new EvaluationDriver(access.Engine, stores.Create, plan);
        IReadOnlyList<EvaluationCell> cells = driver.FindMissing(key => file?.Has(key) == true);
        List<EvaluationRow> rows = [.. (file?.Rows ?? []).Where(row => driver.Keys.Contains(row.Key))];
        if (rows.Count > 0) services.Terminal.Note($"{rows.Count} rows are in {output} already and are not measured again.");
        if (cells.Count > 0) await driver.WarmUpAsync(cancellationToken);
        List<string> failures = [];
        Queue<EvaluationCell> waiting = new(cells);
        while (waiting.TryDequeue(out EvaluationCell? cell))
        {
            IReadOnlyList<EvaluationRow> measured = [];
            try
            {
                measured = await MeasureAsync(driver, cell, plan.Samples, services, cancellationToken);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or EvaluationException))
            {
                // One policy that cannot go on must not take the results of the others with it, nor the rest of a long run.
                services.Terminal.Note($"{Title(cell)} failed: {exception.Message}");
                if (cell.Policies.Count == 1) failures.Add(Title(cell));
                else foreach (string policy in cell.Policies) waiting.Enqueue(cell with { Policies = [policy] });
            }
            if (!details) measured = [.. measured.Select(row => row with { Answers = [] })];
            file?.Add(measured);
            rows.AddRange(measured);
            stores.Clear();
        }
        Show(driver.Sort(rows), settings.Json, details, services.Terminal);
        if (failures.Count > 0) throw new CliException(ExitCode.Failed, $"Not measured: {string.Join("; ", failures)}. The reasons stand above; the same command tries these again when it has --output.");
    }

    private static async Task<IReadOnlyList<EvaluationRow>> MeasureAsync(
        EvaluationDriver driver, EvaluationCell cell, int samples, CommandServices services, CancellationToken cancellationToken)
    {
        await using IProgressDisplay progress = services.ShowProgress(Title(cell), "tokens");
        var throughput = new Throughput(services.Time, TimeSpan.FromSeconds(5));
        long done = 0, total = (long)cell.Length * samples;
        return await driver.RunAsync(cell, tokens => progress.Report(done += tokens, Math.Max(done, total), throughput.Mark(done)), cancellationToken);
    }

    private static string Title(EvaluationCell cell) => Format($"{cell.Task} {string.Join(',', cell.Policies)} {cell.Length} seed {cell.Seed}");

    private static void Show(IReadOnlyList<EvaluationRow> rows, bool json, bool details, Terminal terminal)
    {
        IReadOnlyList<EvaluationSummary> summaries = EvaluationSummary.Of(rows);
        if (json)
        {
            foreach (EvaluationSummary summary in summaries) terminal.WriteJson(summary);
            return;
        }
        terminal.OutConsole().Write(Table(summaries));
        if (details) WriteWrong(rows, terminal);
    }

    private static async Task WriteAsync(EvaluationPlan plan, EngineAccess access, string file, Terminal terminal, CancellationToken cancellationToken)
    {
        if (plan.Tasks[0] == EvaluationTasks.Perplexity) throw new CliException(ExitCode.Usage, "--write writes a context with its questions; perplexity has none.");
        IEvaluationTask task = EvaluationTasks.Create(plan.Tasks[0], plan.Options);
        var cell = new EvaluationCell(task.Name, plan.Lengths[0], plan.Seeds[0], plan.Policies);
        EvaluationSample sample = new EvaluationRunner(access.Engine, null, plan).CreateSample(task, cell, 0);
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

    private static Table Table(IReadOnlyList<EvaluationSummary> summaries)
    {
        Table table = new Table().Border(TableBorder.Markdown).AddColumns("Task", "Policy", "Read by");
        foreach (string column in (string[])["Tokens", "Right", "Score", "Keys read", "Touched %", "Prefill tok/s", "Decode ms/tok", "In memory", "Index", "On disk"])
            table.AddColumn(new TableColumn(column).RightAligned());
        bool receipts = summaries.Any(summary => summary.ReceiptFirst is not null), fidelity = summaries.Any(summary => summary.Recall is not null);
        foreach (string column in (string[])[.. receipts ? ["Receipt first"] : Array.Empty<string>(), .. fidelity ? ["Recall", "Output error"] : Array.Empty<string>()])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (EvaluationSummary summary in summaries)
        {
            string score = summary.Perplexity is double perplexity ? Format($"ppl {perplexity:0.000}")
                : summary.ScoreDeviation is double deviation ? Format($"{summary.Score:0.0} ± {deviation:0.0}") : Format($"{summary.Score:0.0}");
            List<string> cells =
            [
                summary.Key.Task, summary.Key.Policy.EscapeMarkup(), (summary.Key.Ingest ?? "itself").EscapeMarkup(), Format($"{summary.Tokens:N0}"),
                Format($"{summary.Right}/{summary.Questions}"), score, Format($"{summary.KeysRead:N0}"), Format($"{summary.TouchedPercent:0.00}"),
                Format($"{summary.PrefillTokensPerSecond:N0}"), Format($"{summary.DecodeMilliseconds:0.00}"), ByteSize.Format(summary.ResidentBytes), ByteSize.Format(summary.IndexBytes), ByteSize.Format(summary.StoredBytes),
            ];
            if (receipts) cells.Add(summary.ReceiptFirst is { } first ? Format($"{first.Right}/{first.Questions}") : "");
            if (fidelity) cells.AddRange([Format($"{summary.Recall:0.000}"), Format($"{summary.OutputError:0.000}")]);
            table.AddRow([.. cells]);
        }
        return table;
    }

    private static void WriteWrong(IEnumerable<EvaluationRow> rows, Terminal terminal)
    {
        foreach (EvaluationRow row in rows)
            foreach (EvaluationAnswer answer in row.Answers.Where(answer => answer.Score < 1))
                terminal.Out.WriteLine(Format($"{row.Key.Policy} {row.Tokens:N0} at {answer.Depth:0.00}: told '{OneLine(answer.Told)}', asked '{OneLine(answer.Question)}', expected '{string.Join(", ", answer.Expected)}', got '{OneLine(answer.Answer)}'"));
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
