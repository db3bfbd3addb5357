namespace Actors.Server.Evaluation;

/// <summary>Rows that differ in nothing but the seed, taken together.</summary>
internal sealed record EvaluationSummary
{
    /// <summary>What was measured; the seed is that of the first row.</summary>
    public required EvaluationKey Key { get; init; }

    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Mean of <see cref="EvaluationRow.Tokens"/>.</summary>
    public required int Tokens { get; init; }

    public required int Questions { get; init; }

    public required int Right { get; init; }

    /// <summary>Mean over the seeds, of 100; null for perplexity.</summary>
    public double? Score { get; init; }

    /// <summary>Standard deviation of the score over the seeds; null with fewer than two.</summary>
    public double? ScoreDeviation { get; init; }

    /// <summary>e to the mean loss over the seeds; null for tasks with questions.</summary>
    public double? Perplexity { get; init; }

    public IReadOnlyList<LossBucket> Losses { get; init; } = [];

    public double? KeysRead { get; init; }

    public double? TouchedPercent { get; init; }

    /// <summary>See <see cref="EvaluationRow.ReceiptFirst"/>.</summary>
    public EvaluationShare? ReceiptFirst { get; init; }

    public double? Recall { get; init; }

    public double? OutputError { get; init; }

    public required double PrefillTokensPerSecond { get; init; }

    public double? SwitchMilliseconds { get; init; }

    /// <summary>Median over the seeds.</summary>
    public double? DecodeMilliseconds { get; init; }

    public required long ResidentBytes { get; init; }

    public required long StoredBytes { get; init; }

    public required long IndexBytes { get; init; }

    /// <summary>Right answers and questions of each kind.</summary>
    public required IReadOnlyDictionary<string, EvaluationShare> Kinds { get; init; }

    /// <summary>Every answer, where the rows have them.</summary>
    public IReadOnlyList<EvaluationAnswer>? Answers { get; init; }

    /// <summary>Takes rows together; a row that stands twice counts once, the last one.</summary>
    /// <param name="rows">Rows in any order.</param>
    /// <returns>In the order in which each kind of row came first.</returns>
    public static IReadOnlyList<EvaluationSummary> Of(IEnumerable<EvaluationRow> rows) =>
    [
        .. rows.GroupBy(row => row.Key).Select(same => same.Last())
            .GroupBy(row => row.Key with { Seed = 0 })
            .Select(group => Merge([.. group.OrderBy(row => row.Key.Seed)])),
    ];

    private static EvaluationSummary Merge(EvaluationRow[] rows) => new()
    {
        Key = rows[0].Key,
        Seeds = [.. rows.Select(row => row.Key.Seed)],
        Tokens = (int)rows.Average(row => row.Tokens),
        Questions = rows.Sum(row => row.Questions),
        Right = rows.Sum(row => row.Right),
        Score = rows.Average(row => row.Score),
        ScoreDeviation = Deviation([.. rows.Select(row => row.Score).OfType<double>()]),
        Perplexity = rows.All(row => row.Perplexity is not null) ? Math.Exp(rows.Average(row => Math.Log(row.Perplexity!.Value))) : null,
        Losses = MergeLosses(rows),
        KeysRead = rows.Average(row => row.KeysRead),
        TouchedPercent = rows.Average(row => row.TouchedPercent),
        ReceiptFirst = rows.Any(row => row.ReceiptFirst is not null)
            ? new EvaluationShare(rows.Sum(row => row.ReceiptFirst?.Right ?? 0), rows.Sum(row => row.ReceiptFirst?.Questions ?? 0)) : null,
        Recall = rows.Average(row => row.Recall),
        OutputError = rows.Average(row => row.OutputError),
        PrefillTokensPerSecond = rows.Average(row => row.PrefillTokensPerSecond),
        SwitchMilliseconds = MedianOrNull(rows.Select(row => row.SwitchMilliseconds)),
        DecodeMilliseconds = MedianOrNull(rows.Select(row => row.DecodeMilliseconds)),
        ResidentBytes = (long)rows.Average(row => row.ResidentBytes),
        StoredBytes = (long)rows.Average(row => row.StoredBytes),
        IndexBytes = (long)rows.Average(row => row.IndexBytes),
        Kinds = rows.SelectMany(row => row.Kinds).GroupBy(kind => kind.Key, kind => kind.Value).ToDictionary(
            group => group.Key, group => new EvaluationShare(group.Sum(share => share.Right), group.Sum(share => share.Questions))),
        Answers = AnswersOrNull(rows),
    };

    private static EvaluationAnswer[]? AnswersOrNull(EvaluationRow[] rows) => rows.All(row => row.Answers.Count == 0) ? null : [.. rows.SelectMany(row => row.Answers)];

    private static LossBucket[] MergeLosses(EvaluationRow[] rows) =>
    [
        .. rows.SelectMany(row => row.Losses).GroupBy(bucket => (bucket.From, bucket.To)).OrderBy(group => group.Key.From)
            .Select(group => new LossBucket(group.Key.From, group.Key.To, group.Sum(bucket => bucket.Tokens), group.Average(bucket => bucket.Loss))),
    ];

    private static double? Deviation(double[] values)
    {
        if (values.Length < 2) return null;
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }

    private static double? MedianOrNull(IEnumerable<double?> values)
    {
        double[] known = [.. values.OfType<double>()];
        return known.Length == 0 ? null : EvaluationRunner.Median(known);
    }
}
