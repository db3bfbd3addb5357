using System.Globalization;
using System.Text.Json;
using Actors.Testing;

namespace Actors.Benchmarks.Attention;

/// <summary>The command <c>attention</c>: one row per policy, as Markdown or JSON.</summary>
internal static class AttentionCommand
{
    private const string Usage =
        "attention [--checkpoint DIR] [--context N] [--policy P,P] [--steps N] [--text FILE] [--json] [--cpu]\n--cpu takes processor time, for a machine that is busy with other work.";

    public static int Run(ReadOnlySpan<string> arguments, TextWriter output)
    {
        Dictionary<string, string> options = new()
        {
            ["--checkpoint"] = RepositoryFiles.BundledModel,
            ["--context"] = "16384",
            ["--policy"] = "dense,blocks,retrieval",
            ["--steps"] = "64",
            ["--text"] = "",
            ["--json"] = "",
            ["--cpu"] = "",
        };
        for (int i = 0; i < arguments.Length; i++)
        {
            string option = arguments[i];
            if (!options.ContainsKey(option) || (option is not ("--json" or "--cpu") && i + 1 == arguments.Length))
            {
                output.WriteLine($"'{option}' is no option or has no value. Use: {Usage}");
                return 1;
            }
            options[option] = option is "--json" or "--cpu" ? "yes" : arguments[++i];
        }
        int context = int.Parse(options["--context"], CultureInfo.InvariantCulture), steps = int.Parse(options["--steps"], CultureInfo.InvariantCulture);
        TimeProvider clock = options["--cpu"].Length > 0 ? new ProcessorClock() : TimeProvider.System;
        using AttentionBenchmark benchmark = new(options["--checkpoint"], Text(options["--text"]), context, steps, options["--policy"].Split(','), clock);
        List<AttentionRow> rows = [];
        foreach (AttentionRow row in benchmark.Run())
            rows.Add(row with { Speedup = rows.Append(row).FirstOrDefault(each => each.Policy == "dense") is { } dense ? dense.AttentionMilliseconds / row.AttentionMilliseconds : 0 });
        output.WriteLine(options["--json"].Length > 0 ? JsonSerializer.Serialize(rows, JsonSerializerOptions.Web) : Markdown(rows));
        return 0;
    }

    // The project's own pages when no text is given; they are short and therefore repeat.
    private static string Text(string file)
        => file.Length > 0 ? File.ReadAllText(file) : string.Join('\n', Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "docs"), "*.md", SearchOption.AllDirectories).Order().Select(File.ReadAllText));

    private static string Markdown(List<AttentionRow> rows)
    {
        IEnumerable<string> lines = rows.Select(row => FormattableString.Invariant(
            $"| `{row.Policy}` | {row.Context} | {row.AttentionMilliseconds:0.000} | {row.Speedup:0.0} | {row.StepMilliseconds:0.000} | {row.ReadPercent:0.00} | {row.ComparedPercent:0.00} | {row.Recall:0.000} | {row.LowestHeadRecall:0.000} | {row.OutputError:0.000} | {row.BuildSeconds:0.00} | {row.UpkeepMicroseconds:0} | {row.UpkeepPercent:0.0} | {row.IndexMegabytes:0.0} |"));
        return string.Join('\n',
        [
            "| policy | context | attention ms | faster than dense | step ms | keys read % | compared % | recall of mass | lowest head | output error | build s | upkeep us/token | upkeep % of step | index MB |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
            .. lines,
        ]);
    }
}
