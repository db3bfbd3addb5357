using System.CommandLine;
using System.Globalization;
using Actors.Attention;
using Actors.Engine;
using Actors.Server.Evaluation;
using Actors.Server.Heads;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary><c>actors heads [--model DIR] [--text FILE] [--seeds N] [--out FILE]</c></summary>
internal static class HeadsCommand
{
    private const int QuestionsPerSeed = 3;

    public static Command Create(CommandServices services)
    {
        var output = new Option<FileInfo?>("--out", "-o") { Description = $"Where to write. [default: {HeadScoresFile.Name} in the directory of the model]", HelpName = "FILE" };
        var text = new Option<FileInfo?>("--text") { Description = "Prose over which mean queries and keys are taken, instead of the random tokens.", HelpName = "FILE" };
        var seeds = new Option<int>("--seeds")
        {
            Description = "Random sequences to average.", HelpName = "N", DefaultValueFactory = static _ => 8, Validators = { static result => GlobalOptions.RequireRange(result, 1, 1000) },
        };
        var command = new Command("heads", "Measure what kind of head each attention head of a model is, for the policies razor and duo.") { output, text, seeds };
        command.SetAction((result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            if (settings.Server is not null) throw new CliException(ExitCode.Usage, "This command measures a model in its own process and cannot be combined with --server.");
            using LoadedModel model = LoadedModel.Open(SiloOptions.FindModel(settings.Model), settings.Threads ?? Environment.ProcessorCount);
            HeadScores scores = Measure(model, result.GetValue(text), result.GetValue(seeds), services.Terminal, cancellationToken);
            string path = result.GetValue(output)?.FullName ?? Path.Combine(model.Checkpoint.Directory, HeadScoresFile.Name);
            HeadScoresFile.Write(path, scores);
            if (settings.Json) services.Terminal.WriteJson(new { Path = path, scores.Model, scores.Command, Heads = Rows(scores) });
            else Write(services.Terminal, scores, path);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static HeadScores Measure(LoadedModel model, FileInfo? text, int seeds, Terminal terminal, CancellationToken cancellationToken)
    {
        var detection = new HeadDetection(model);
        string command = $"actors heads --seeds {seeds}" + (text is null ? "" : $" --text {text.Name}");
        if (text is not null)
            detection.WatchText(text.Exists ? File.ReadAllText(text.FullName) : throw new CliException(ExitCode.NotFound, $"There is no file '{text.FullName}' for --text."));
        int answered = 0, asked = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            var random = new SeededRandom(seed);
            detection.WatchRepetition(random.Fork(0), means: text is null);
            for (int question = 1; detection.CanAsk && question <= QuestionsPerSeed; question++, asked++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                answered += detection.TryWatchAnswer(random.Fork(question)) ? 1 : 0;
            }
        }
        terminal.Note($"{seeds} sequences of {detection.Period} random tokens told four times; {answered} of {asked} questions answered, which the retrieval score counts.");
        return detection.Finish(command);
    }

    private static void Write(Terminal terminal, HeadScores scores, string path)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumn("Layer").AddColumn("KV head");
        foreach (HeadScoreKind kind in scores.QueryHeads.Keys.Order())
            table.AddColumn(new TableColumn($"{kind} (rank)").RightAligned());
        var byKind = scores.QueryHeads.Keys.Order().Select(scores.KvHeads).ToList();
        for (int head = 0; head < byKind[0].Length; head++)
        {
            string[] cells = [.. byKind.Select(values => string.Create(CultureInfo.InvariantCulture, $"{values[head]:0.000} ({Rank(values, head)})"))];
            table.AddRow([$"{head / scores.Shape.KvHeads}", $"{head % scores.Shape.KvHeads}", .. cells]);
        }
        terminal.OutConsole().Write(table);
        terminal.Out.WriteLine($"written to {path}");
    }

    private static IEnumerable<object> Rows(HeadScores scores)
    {
        var byKind = scores.QueryHeads.Keys.Order().ToDictionary(kind => kind.ToString().ToLowerInvariant(), scores.KvHeads);
        return Enumerable.Range(0, scores.Shape.Layers * scores.Shape.KvHeads).Select(head => new
        {
            Layer = head / scores.Shape.KvHeads,
            KvHead = head % scores.Shape.KvHeads,
            Scores = byKind.ToDictionary(pair => pair.Key, pair => pair.Value[head]),
            Ranks = byKind.ToDictionary(pair => pair.Key, pair => Rank(pair.Value, head)),
        });
    }

    // 1 for the greatest; among equals the first.
    private static int Rank(float[] values, int head) => 1 + values.Where((value, other) => value > values[head] || (value == values[head] && other < head)).Count();
}
