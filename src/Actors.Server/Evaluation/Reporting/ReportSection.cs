using System.Globalization;

namespace Actors.Server.Evaluation;

/// <summary>All results of one task on one model.</summary>
/// <param name="Name">Task, with what else it was told.</param>
/// <param name="Model">The model.</param>
/// <param name="Rows">Results in the order in which policies and lengths are shown.</param>
internal sealed record ReportSection(string Name, string Model, IReadOnlyList<EvaluationSummary> Rows)
{
    /// <summary>Task of the rows.</summary>
    public string Task => Rows[0].Key.Task;

    public bool IsPerplexity => Task == EvaluationTasks.Perplexity;

    /// <summary>Lengths that there are results of.</summary>
    public IReadOnlyList<int> Lengths => [.. Rows.Select(row => row.Key.Length).Distinct().Order()];

    /// <summary>Policies, each as it is called in tables.</summary>
    public IReadOnlyList<string> Policies => [.. Rows.Select(PolicyOf).Distinct()];

    /// <summary>Takes results apart by task and model. Of two that fall on one cell, the one with more questions stays.</summary>
    public static IReadOnlyList<ReportSection> Of(IReadOnlyList<EvaluationSummary> summaries) =>
    [
        .. summaries.GroupBy(row => (Name: row.Key.Variant is null ? row.Key.Task : $"{row.Key.Task}, {row.Key.Variant}", row.Key.Model))
            .OrderBy(group => Array.IndexOf([.. EvaluationTasks.Names], group.First().Key.Task)).ThenBy(group => group.Key.Name, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Model, StringComparer.Ordinal)
            .Select(group => new ReportSection(group.Key.Name, group.Key.Model, Choose(group))),
    ];

    /// <summary>Name of a policy that tells apart who read.</summary>
    public static string PolicyOf(EvaluationSummary row) => row.Key.Ingest is null ? row.Key.Policy : $"{row.Key.Policy} (read by {row.Key.Ingest})";

    /// <summary>The result of a cell, or null.</summary>
    public EvaluationSummary? Find(string policy, int length) => Rows.FirstOrDefault(row => row.Key.Length == length && PolicyOf(row) == policy);

    /// <summary>Name for files.</summary>
    public string FileName => string.Concat(Name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '-')).Replace("--", "-", StringComparison.Ordinal);

    /// <summary>Formats the same on every machine.</summary>
    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<EvaluationSummary> Choose(IEnumerable<EvaluationSummary> rows) =>
    [
        .. rows.GroupBy(row => (PolicyOf(row), row.Key.Length)).Select(same => same.MaxBy(row => row.Questions)!)
            .OrderBy(row => row.Key.Policy == "dense" ? 0 : 1).ThenBy(PolicyOf, StringComparer.Ordinal).ThenBy(row => row.Key.Length),
    ];
}
