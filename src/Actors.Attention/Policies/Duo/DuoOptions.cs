namespace Actors.Attention;

/// <summary>Options of the policy `duo`.</summary>
public sealed record DuoOptions
{
    /// <summary>Sinks, window and where remembered keys stand. The heads that stream read these zones and no more.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Share of the KV heads that read everything, those with the highest scores, rounded up.</summary>
    /// <value>0 to 1. Default 0.5.</value>
    public float Full { get; init; } = 0.5f;

    /// <summary>The score that decides.</summary>
    /// <value>Default <see cref="HeadScoreKind.Reach"/>.</value>
    public HeadScoreKind Score { get; init; } = HeadScoreKind.Reach;

    /// <summary>How the heads that read everything read what stands at one constant distance.</summary>
    /// <value>Default <see cref="DistantReading.Selected"/>.</value>
    public DistantReading Beyond { get; init; }

    internal static DuoOptions From(PolicyArguments arguments)
    {
        DuoOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 64, 256),
            Full = arguments.Number("full", defaults.Full),
            Score = arguments.Choice("score", defaults.Score),
            Beyond = arguments.Choice("beyond", defaults.Beyond),
        };
    }

    internal IEnumerable<string> Failures(HeadScores? scores)
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Full is not (>= 0 and <= 1))
            yield return $"full is {Full}; it must be 0 to 1.";
        if (scores is not null && !scores.QueryHeads.ContainsKey(Score))
            yield return $"score is '{Score.ToString().ToLowerInvariant()}', but the model's {HeadScoresFile.Name} has no such scores, because the model answered no question; use another.";
    }

    internal string Fingerprint => FormattableString.Invariant($"duo/1;{Memory.Fingerprint};{Beyond};{WholeMemory.SelectionFingerprint}");
}
