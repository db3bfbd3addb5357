using System.Text;
using static Actors.Server.Evaluation.ReportSection;

namespace Actors.Server.Evaluation;

/// <summary>Writes saved results as a Markdown page and charts. Equal results give equal files.</summary>
internal static class EvaluationReport
{
    /// <summary>Name of the page.</summary>
    public const string PageName = "results.md";

    /// <summary>Makes the files.</summary>
    /// <param name="rows">Saved results; not empty.</param>
    /// <returns>Names and contents, the page first.</returns>
    /// <exception cref="EvaluationException">There are no results.</exception>
    public static IReadOnlyList<(string Name, string Content)> Create(IReadOnlyList<EvaluationRow> rows)
    {
        if (rows.Count == 0) throw new EvaluationException("There are no results to report. Make some with actors eval TASK --output FILE.");
        IReadOnlyList<EvaluationSummary> summaries = EvaluationSummary.Of(rows);
        IReadOnlyList<ReportSection> sections = ReportSection.Of(summaries);
        string[] models = [.. sections.Select(section => section.Model).Distinct()];
        List<(string, string)> files = [];
        StringBuilder page = new();
        AppendHead(page, rows, models);
        foreach (string model in models)
        {
            EvaluationSummary[] own = [.. summaries.Where(row => row.Key.Model == model)];
            string suffix = models.Length > 1 ? $" · {model}" : "";
            AppendNeedles(page, new NeedleTable(own), suffix);
            AppendClaims(page, own, suffix);
        }
        foreach (ReportSection section in sections)
        {
            page.Append($"\n## {section.Name}{(models.Length > 1 ? $" · {section.Model}" : "")}\n");
            string fileName = models.Length > 1 ? $"{section.FileName}-{Array.IndexOf(models, section.Model) + 1}" : section.FileName;
            if (!section.Rows[0].Key.IsObserved) files.AddRange(AppendCharts(page, section, fileName));
            AppendMatrix(page, section);
            if (section.IsPerplexity) AppendLosses(page, section);
            AppendObserved(page, section);
            AppendCosts(page, section);
        }
        return [(PageName, page.ToString()), .. files];
    }

    private static void AppendHead(StringBuilder page, IReadOnlyList<EvaluationRow> rows, string[] models)
    {
        page.Append("# Results\n\nWritten by `actors eval report` from saved results; do not edit. How each task works and what the columns mean: [../evaluation.md](../evaluation.md).\n\n");
        page.Append($"Model: {string.Join(", ", models)} (name and beginning of the fingerprint).");
        string[] texts = [.. rows.Select(row => row.Key.Text).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        if (texts.Length > 0) page.Append($" Text: {string.Join(", ", texts)} (name and beginning of the SHA-256).");
        page.Append($" Machine: {Join(rows, row => row.Machine)}; threads: {string.Join(", ", rows.Select(row => row.Threads).Distinct().Order())}; no GPU.");
        page.Append($" Version: {Join(rows, row => row.Version)}. Commands:\n\n```\n");
        foreach (string command in rows.Select(row => row.Command).Where(command => command.Length > 0).Distinct()) page.Append(command).Append('\n');
        page.Append("```\n");
    }

    private static string Join(IEnumerable<EvaluationRow> rows, Func<EvaluationRow, string> part) =>
        string.Join(" and ", rows.Select(part).Where(text => text.Length > 0).Distinct().Order(StringComparer.Ordinal));

    private static void AppendNeedles(StringBuilder page, NeedleTable table, string suffix)
    {
        if (table.Baseline is not { } baseline) return;
        page.Append($"\n## Needles against dense{suffix}\n\n");
        page.Append(Format($"Mean score of {string.Join(", ", table.Measured)}, and its share of the {baseline.Score:0.0} that `dense` reaches at {baseline.Length:N0} tokens.\n\n"));
        page.Append($"| policy | {string.Join(" | ", table.Lengths.Select(length => Format($"{length:N0}")))} |\n|---|{string.Concat(Enumerable.Repeat("---:|", table.Lengths.Count))}\n");
        foreach (string policy in table.Policies)
        {
            string[] cells = [.. table.Lengths.Select(length => table.Find(policy, length) is double score ? Format($"{score:0.0} = {100 * score / baseline.Score:0} %") : "")];
            page.Append($"| `{policy}` | {string.Join(" | ", cells)} |\n");
        }
    }

    private static void AppendClaims(StringBuilder page, IReadOnlyList<EvaluationSummary> summaries, string suffix)
    {
        page.Append($"\n## Claimed and measured{suffix}\n\n");
        page.Append("Claims are those of the papers, made with models of billions of parameters on GPUs; the measurements are of this model on this machine.\n\n");
        page.Append("| policy | source | claimed | measured here |\n|---|---|---|---|\n");
        foreach ((MethodClaim claim, string policy, string measured) in new ClaimTable(summaries).Rows())
            page.Append($"| `{policy}` | {claim.Source} | {claim.Claim} | {measured} |\n");
    }

    private static void AppendMatrix(StringBuilder page, ReportSection section)
    {
        page.Append($"\n| {(section.IsPerplexity ? "perplexity" : "score")} | {string.Join(" | ", section.Lengths.Select(length => Format($"{length:N0}")))} |\n");
        page.Append($"|---|{string.Concat(Enumerable.Repeat("---:|", section.Lengths.Count))}\n");
        foreach (string policy in section.Policies)
            page.Append($"| `{policy}` | {string.Join(" | ", section.Lengths.Select(length => Cell(section.Find(policy, length))))} |\n");
        string[] counts = [.. section.Rows.Select(row => Format($"{row.Key.Samples} x {row.Seeds.Count}")).Distinct()];
        page.Append(counts.Length == 1 ? $"\nSamples x seeds: {counts[0]}.\n" : "\nSamples x seeds stand in the next table.\n");
    }

    private static string Cell(EvaluationSummary? row) => row switch
    {
        null => "",
        { Perplexity: double perplexity } => Format($"{perplexity:0.000}"),
        { ScoreDeviation: double deviation } => Format($"{row.Score:0.0} ± {deviation:0.0}"),
        _ => Format($"{row.Score:0.0}"),
    };

    private static void AppendObserved(StringBuilder page, ReportSection section)
    {
        if (!section.Rows.Any(row => row.Key.IsObserved)) return;
        page.Append("\n| policy | tokens | receipt names the planted page first | attention mass read % | error of the output |\n|---|---:|---:|---:|---:|\n");
        foreach (EvaluationSummary row in section.Rows)
        {
            string first = row.ReceiptFirst is { } share ? $"{share.Right} of {share.Questions}" : "";
            page.Append(Format($"| `{PolicyOf(row)}` | {row.Tokens:N0} | {first} | {100 * row.Recall:0.0} | {row.OutputError:0.000} |\n"));
        }
    }

    private static void AppendCosts(StringBuilder page, ReportSection section)
    {
        page.Append("\n| policy | tokens | samples x seeds | touched % | decode ms/token | change of policy ms | prefill tok/s | in memory | index | on disk |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (EvaluationSummary row in section.Rows)
        {
            page.Append(Format($"| `{PolicyOf(row)}` | {row.Tokens:N0} | {row.Key.Samples} x {row.Seeds.Count} | {row.TouchedPercent:0.00} | {row.DecodeMilliseconds:0.000} | {row.SwitchMilliseconds:0.0} | "));
            page.Append(Format($"{row.PrefillTokensPerSecond:N0} | {Cli.ByteSize.Format(row.ResidentBytes)} | {Cli.ByteSize.Format(row.IndexBytes)} | {Cli.ByteSize.Format(row.StoredBytes)} |\n"));
        }
    }

    private static void AppendLosses(StringBuilder page, ReportSection section)
    {
        foreach (int length in section.Lengths)
        {
            EvaluationSummary[] rows = [.. section.Rows.Where(row => row.Key.Length == length)];
            page.Append(Format($"\nPerplexity by position, of texts of {length:N0} tokens:\n\n| policy | {string.Join(" | ", rows[0].Losses.Select(Span))} |\n"));
            page.Append($"|---|{string.Concat(Enumerable.Repeat("---:|", rows[0].Losses.Count))}\n");
            foreach (EvaluationSummary row in rows)
                page.Append($"| `{PolicyOf(row)}` | {string.Join(" | ", row.Losses.Select(bucket => Format($"{Math.Exp(bucket.Loss):0.000}")))} |\n");
        }
    }

    private static string Span(LossBucket bucket) => Format($"{bucket.From:N0} to {bucket.To:N0}");

    private static IEnumerable<(string Name, string Content)> AppendCharts(StringBuilder page, ReportSection section, string fileName)
    {
        List<(string Name, string Content)> files = [];
        if (section.IsPerplexity)
        {
            int length = section.Lengths[^1];
            ChartSeries[] losses = [.. section.Rows.Where(row => row.Key.Length == length).Select(row => new ChartSeries(
                PolicyOf(row), [.. row.Losses.Select(bucket => ((double)bucket.To, Math.Exp(bucket.Loss), 0.0))]))];
            files.Add(($"{fileName}.svg", new SvgChart($"{section.Name}: by position", "position up to", "perplexity", losses).ToString()));
        }
        else if (section.Lengths.Count > 1)
        {
            files.Add(($"{fileName}-score.svg", new SvgChart($"{section.Name}: score", "tokens", "score of 100", Lines(section, row => row.Score, row => row.ScoreDeviation)) { Highest = 100 }.ToString()));
            IReadOnlyList<ChartSeries> decode = Lines(section, row => row.DecodeMilliseconds, static _ => null);
            if (decode.Count > 0)
                files.Add(($"{fileName}-decode.svg", new SvgChart($"{section.Name}: time of a decode step", "tokens", "ms per token", decode) { IsLogarithmic = true }.ToString()));
        }
        foreach ((string name, _) in files) page.Append($"\n![{Path.GetFileNameWithoutExtension(name)}]({name})\n");
        return files;
    }

    private static IReadOnlyList<ChartSeries> Lines(ReportSection section, Func<EvaluationSummary, double?> value, Func<EvaluationSummary, double?> deviation) =>
    [
        .. from policy in section.Policies
           let points = section.Rows.Where(row => PolicyOf(row) == policy && value(row) is not null)
               .Select(row => ((double)row.Key.Length, value(row)!.Value, deviation(row) ?? 0)).ToArray()
           where points.Length > 0
           select new ChartSeries(policy, points),
    ];
}
