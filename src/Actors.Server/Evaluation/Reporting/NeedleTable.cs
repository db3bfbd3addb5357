using static Actors.Server.Evaluation.ReportSection;

namespace Actors.Server.Evaluation;

/// <summary>Mean scores of the single needles and of one needle among four, beside what dense attention answers at the shortest length.</summary>
internal sealed class NeedleTable
{
    /// <summary>The tasks that are taken together.</summary>
    public static readonly IReadOnlyList<string> Tasks = ["niah_single_1", "niah_single_2", "niah_single_3", "niah_multikey_1"];

    private readonly EvaluationSummary[] _rows;
    private readonly string[] _tasks;

    /// <summary>Takes what belongs to it.</summary>
    /// <param name="rows">Results of one model.</param>
    public NeedleTable(IReadOnlyList<EvaluationSummary> rows)
    {
        _rows = [.. rows.Where(row => Tasks.Contains(row.Key.Task) && !row.Key.IsObserved)];
        EvaluationSummary[] dense = [.. _rows.Where(row => row.Key is { Policy: "dense", Ingest: null })];
        int shortest = dense.Length == 0 ? 0 : dense.Min(row => row.Key.Length);
        _tasks = [.. dense.Where(row => row.Key.Length == shortest).Select(row => row.Key.Task).Distinct()];
        if (Find("dense", shortest) is double score and > 0) Baseline = (shortest, score);
    }

    /// <summary>Shortest length of dense attention and its score there; null when it was not measured or answered nothing.</summary>
    public (int Length, double Score)? Baseline { get; }

    /// <summary>Those of <see cref="Tasks"/> that dense attention was measured with there; a score is the mean over all of them.</summary>
    public IReadOnlyList<string> Measured => _tasks;

    public IReadOnlyList<int> Lengths => [.. _rows.Select(row => row.Key.Length).Distinct().Order()];

    public IReadOnlyList<string> Policies =>
        [.. _rows.Select(PolicyOf).Distinct().OrderBy(policy => policy == "dense" ? 0 : 1).ThenBy(policy => policy, StringComparer.Ordinal)];

    /// <summary>Mean score of a policy over the tasks; null unless all of them were measured.</summary>
    public double? Find(string policy, int length)
    {
        EvaluationSummary[] own = [.. _rows.Where(row => row.Key.Length == length && PolicyOf(row) == policy && _tasks.Contains(row.Key.Task))];
        return own.Length > 0 && own.Select(row => row.Key.Task).Distinct().Count() == _tasks.Length ? own.Average(row => row.Score) : null;
    }
}
