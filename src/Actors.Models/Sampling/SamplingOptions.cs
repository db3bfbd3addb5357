namespace Actors.Models;

/// <summary>
/// How the next token is chosen. Order: logit bias, penalties, temperature, top-k, top-p, min-p, draw. Immutable; <see cref="Validate"/>
/// reports every value out of range.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Most stop strings.</summary>
    public const int MaxStops = 16;

    /// <summary>Most characters of one stop string.</summary>
    public const int MaxStopLength = 1024;

    /// <summary>Most entries of <see cref="LogitBias"/>.</summary>
    public const int MaxBiases = 4096;

    /// <summary>Most alternatives reported beside a token.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>Logits are divided by it.</summary>
    /// <value>0 to 100; 0 takes the best token always (greedy). Default 1.</value>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the best this many tokens.</summary>
    /// <value>0 or more; 0 keeps all. Default 0.</value>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest best tokens whose probabilities reach this sum (nucleus sampling, arXiv:1904.09751).</summary>
    /// <value>0 to 1; 1 keeps all, 0 only the best. Default 1.</value>
    public float TopP { get; init; } = 1;

    /// <summary>Drops tokens less probable than this times the best (arXiv:2407.01082).</summary>
    /// <value>0 to 1; 0 drops none. Default 0.</value>
    public float MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of every token seen in prompt or answer (arXiv:1909.05858).</summary>
    /// <value>Above 0, at most 100; 1 changes nothing. Default 1.</value>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the logit of every token of the answer so far.</summary>
    /// <value>-2 to 2. Default 0.</value>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logit of a token once for each time that it stands in the answer so far.</summary>
    /// <value>-2 to 2. Default 0.</value>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens, by token id.</summary>
    /// <value>At most <see cref="MaxBiases"/> entries of -100 to 100; null for none. Default null.</value>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Start of the random sequence; equal seeds, options and logits give equal tokens.</summary>
    /// <value>Any; null draws a fresh one. Default null.</value>
    public long? Seed { get; init; }

    /// <summary>Strings that end the answer; the string itself is not part of it.</summary>
    /// <value>At most <see cref="MaxStops"/>, of 1 to <see cref="MaxStopLength"/> characters. Default empty.</value>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Alternatives to report with each token.</summary>
    /// <value>0 to <see cref="MaxTopLogProbabilities"/>; above 0 needs <see cref="LogProbabilities"/>. Default 0.</value>
    public int TopLogProbabilities { get; init; }

    /// <summary>Whether log-probabilities are wanted by the caller.</summary>
    /// <value>Default false.</value>
    public bool LogProbabilities { get; init; }

    /// <summary>Lists everything that is out of range, one sentence each with the value; empty when all is well.</summary>
    /// <param name="vocabulary">Tokens of the model, to check the ids of <see cref="LogitBias"/>; null skips that.</param>
    public IReadOnlyList<string> Validate(int? vocabulary = null)
    {
        var failures = new List<string>();
        Range("Temperature", Temperature, 0, 100);
        Range("TopP", TopP, 0, 1);
        Range("MinP", MinP, 0, 1);
        Range("PresencePenalty", PresencePenalty, -2, 2);
        Range("FrequencyPenalty", FrequencyPenalty, -2, 2);
        if (TopK < 0) failures.Add($"TopK is {TopK}; it must be 0 (all tokens) or more.");
        if (!(RepetitionPenalty > 0 && RepetitionPenalty <= 100))
            failures.Add($"RepetitionPenalty is {RepetitionPenalty}; it must be above 0 and at most 100.");
        if (TopLogProbabilities is < 0 or > MaxTopLogProbabilities)
            failures.Add($"TopLogProbabilities is {TopLogProbabilities}; it must be from 0 to {MaxTopLogProbabilities}.");
        else if (TopLogProbabilities > 0 && !LogProbabilities)
            failures.Add($"TopLogProbabilities is {TopLogProbabilities}; it needs LogProbabilities.");
        if (LogitBias is { Count: > MaxBiases }) failures.Add($"LogitBias has {LogitBias.Count} entries; at most {MaxBiases} are allowed.");
        foreach (var (token, bias) in LogitBias ?? new Dictionary<int, float>())
        {
            if (token < 0 || token >= vocabulary)
                failures.Add($"LogitBias names token {token}; tokens of this model are 0 to {(vocabulary - 1)?.ToString() ?? "the last of its vocabulary"}.");
            Range($"LogitBias of token {token}", bias, -100, 100);
        }

        if (Stop is null) failures.Add("Stop is null; leave it empty for none.");
        else if (Stop.Count > MaxStops) failures.Add($"Stop has {Stop.Count} strings; at most {MaxStops} are allowed.");
        foreach (string? stop in Stop ?? [])
        {
            if (string.IsNullOrEmpty(stop)) failures.Add("Stop has an empty string; each needs at least one character.");
            else if (stop.Length > MaxStopLength) failures.Add($"Stop has a string of {stop.Length} characters; at most {MaxStopLength} are allowed.");
        }

        return failures;

        void Range(string name, float value, float min, float max)
        {
            if (!(value >= min && value <= max)) failures.Add($"{name} is {value}; it must be from {min} to {max}.");
        }
    }
}
