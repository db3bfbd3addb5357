using static Actors.Server.Evaluation.ReportSection;

namespace Actors.Server.Evaluation;

/// <summary>Sets what papers claim against what the same policy gave here, with the loss where there is one.</summary>
/// <param name="all">All results, of one model.</param>
internal sealed class ClaimTable(IReadOnlyList<EvaluationSummary> all)
{
    private const string Baseline = "dense";

    private readonly EvaluationSummary[] _rows = [.. all.Where(row => !row.Key.IsObserved)];

    /// <summary>A row for each method and each way of running it; "not measured" where there is none.</summary>
    public IEnumerable<(MethodClaim Claim, string Policy, string Measured)> Rows() =>
        from claim in MethodClaim.All
        let policies = all.Where(row => claim.IsRunBy(row.Key.Policy)).Select(PolicyOf).Distinct().Order(StringComparer.Ordinal).ToArray()
        from policy in policies.Length == 0 ? [claim.Method] : policies
        select (claim, policy, policies.Length == 0 ? "not measured" : Measure(claim, policy));

    private string Measure(MethodClaim claim, string policy)
    {
        string[] parts = [.. claim.Measures.Select(measure => measure switch
        {
            "score" => Score(policy),
            "touched" => Touched(policy),
            "decode" => Decode(policy),
            "prefill" => Prefill(policy),
            _ => Perplexity(policy, claim.Against),
        }).Append(Fidelity(policy)).OfType<string>()];
        return parts.Length == 0 ? "not measured" : string.Join("; ", parts);
    }

    private string? Score(string policy)
    {
        EvaluationSummary[] longest = Longest(policy, row => (row.Key.Task == "passkey" || NeedleTable.Tasks.Contains(row.Key.Task)) && row.Score is not null);
        if (longest.Length == 0) return null;
        string[] tasks = [.. longest.Select(row => row.Key.Task)];
        int length = longest[0].Key.Length;
        EvaluationSummary[] dense = [.. _rows.Where(row => row.Key.Policy == Baseline && tasks.Contains(row.Key.Task) && row.Score is not null)];
        int? trained = dense.Length == 0 ? null : dense.Min(row => row.Key.Length);
        string text = Format($"{longest.Average(row => row.Score):0.0} of 100 at {length:N0} tokens ({string.Join(", ", tasks)}");
        if (trained is int shortest) text += Format($"; dense {dense.Where(row => row.Key.Length == shortest).Average(row => row.Score):0.0} at {shortest:N0}");
        if (trained < length && dense.Any(row => row.Key.Length == length)) text += Format($", {dense.Where(row => row.Key.Length == length).Average(row => row.Score):0.0} at {length:N0}");
        return text + ")";
    }

    private string? Touched(string policy)
    {
        EvaluationSummary[] longest = Longest(policy, row => row.TouchedPercent is not null);
        return longest.Length == 0 ? null : Format($"{longest.Average(row => row.TouchedPercent):0.00} % of the keys read in a step at {longest[0].Key.Length:N0} tokens");
    }

    private string? Decode(string policy)
    {
        var pairs = Pairs(policy, row => row.DecodeMilliseconds is not null, Baseline);
        if (pairs.Length == 0) return null;
        double own = EvaluationRunner.Median([.. pairs.Select(pair => pair.Row.DecodeMilliseconds!.Value)]), dense = EvaluationRunner.Median([.. pairs.Select(pair => pair.Other.DecodeMilliseconds!.Value)]);
        return Format($"a step takes {own:0.00} ms, dense {dense:0.00} ms, {Ratio(dense, own)} at {pairs[0].Row.Key.Length:N0} tokens");
    }

    private string? Fidelity(string policy)
    {
        EvaluationSummary[] own = [.. all.Where(row => PolicyOf(row) == policy && row.Recall is not null)];
        if (own.Length == 0) return null;
        int length = own.Max(row => row.Key.Length);
        EvaluationSummary[] longest = [.. own.Where(row => row.Key.Length == length)];
        return Format($"{100 * longest.Average(row => row.Recall):0.0} % of the exact attention mass read, error of the output {longest.Average(row => row.OutputError):0.000} at {length:N0} tokens");
    }

    private string? Prefill(string policy)
    {
        var pairs = Pairs(policy, row => row.Key.Ingest is null && row.PrefillTokensPerSecond > 0, Baseline);
        if (pairs.Length == 0) return null;
        double own = pairs.Average(pair => pair.Row.PrefillTokensPerSecond), dense = pairs.Average(pair => pair.Other.PrefillTokensPerSecond);
        return Format($"reads {own:N0} tokens/s, dense {dense:N0}, {Ratio(own, dense)} at {pairs[0].Row.Key.Length:N0} tokens");
    }

    private string? Perplexity(string policy, string? against)
    {
        EvaluationSummary[] longest = Longest(policy, row => row.Perplexity is not null);
        if (longest.Length == 0) return null;
        EvaluationSummary row = longest[0];
        string text = Format($"perplexity {row.Perplexity:0.000} over {row.Key.Length:N0} tokens, {Math.Exp(row.Losses[^1].Loss):0.000} in the last bucket");
        EvaluationSummary? other = _rows.FirstOrDefault(candidate => candidate.Key == row.Key with { Policy = against ?? "", Seed = candidate.Key.Seed } && candidate != row);
        return other is null ? text : text + Format($" (`{against}` {other.Perplexity:0.000}, {100 * ((row.Perplexity / other.Perplexity) - 1):+0.0;-0.0} %)");
    }

    private EvaluationSummary[] Longest(string policy, Func<EvaluationSummary, bool> usable)
    {
        EvaluationSummary[] own = [.. _rows.Where(row => PolicyOf(row) == policy && usable(row))];
        return own.Length == 0 ? [] : [.. own.Where(row => row.Key.Length == own.Max(other => other.Key.Length))];
    }

    /// <summary>Rows of the policy beside those of another one for the same task and length, at the greatest length that both have.</summary>
    private (EvaluationSummary Row, EvaluationSummary Other)[] Pairs(string policy, Func<EvaluationSummary, bool> usable, string against)
    {
        var pairs = (from row in _rows
                     where PolicyOf(row) == policy && usable(row)
                     let other = _rows.FirstOrDefault(candidate => candidate.Key.Policy == against && candidate.Key.Task == row.Key.Task && candidate.Key.Length == row.Key.Length && usable(candidate))
                     where other is not null
                     select (row, other)).ToArray();
        return pairs.Length == 0 ? [] : [.. pairs.Where(pair => pair.row.Key.Length == pairs.Max(other => other.row.Key.Length))];
    }

    private static string Ratio(double more, double less) => less <= 0 ? "" : Format($"{more / less:0.0} times as fast");
}
