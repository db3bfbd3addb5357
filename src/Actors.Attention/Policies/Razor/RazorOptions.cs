namespace Actors.Attention;

/// <summary>Options of the policy `razor`.</summary>
public sealed record RazorOptions
{
    /// <summary>Sinks, window and where remembered keys stand.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>The heads with little to keep read the last 1/Divisor of the context, and never less than the window.</summary>
    /// <value>1 to 1,048,576. Default 5.</value>
    public int Divisor { get; init; } = 5;

    /// <summary>Share of the KV heads that read everything for their induction score.</summary>
    /// <value>0 to 1. Default 0.14.</value>
    public float Induction { get; init; } = 0.14f;

    /// <summary>Share of the KV heads that read everything for their echo score.</summary>
    /// <value>0 to 1. Default 0.01.</value>
    public float Echo { get; init; } = 0.01f;

    /// <summary>Share of the KV heads that read everything for their retrieval score, which the paper does not use.</summary>
    /// <value>0 to 1. Default 0.</value>
    public float Retrieval { get; init; }

    /// <summary>How the heads that read everything read what stands at one constant distance.</summary>
    /// <value>Default <see cref="DistantReading.Selected"/>.</value>
    public DistantReading Beyond { get; init; }

    internal static RazorOptions From(PolicyArguments arguments)
    {
        RazorOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 4000),
            Divisor = arguments.Int("divisor", defaults.Divisor),
            Induction = arguments.Number("induction", defaults.Induction),
            Echo = arguments.Number("echo", defaults.Echo),
            Retrieval = arguments.Number("retrieval", defaults.Retrieval),
            Beyond = arguments.Choice("beyond", defaults.Beyond),
        };
    }

    /// <summary>[layers, kvHeads], the heads that read everything.</summary>
    internal bool[] FullHeads(HeadScores scores)
    {
        bool[] full = new bool[scores.Shape.Layers * scores.Shape.KvHeads];
        HeadRanking.MarkTop(scores.KvHeads(HeadScoreKind.Induction), Induction, full);
        HeadRanking.MarkTop(scores.KvHeads(HeadScoreKind.Echo), Echo, full);
        if (Retrieval > 0)
            HeadRanking.MarkTop(scores.KvHeads(HeadScoreKind.Retrieval), Retrieval, full);
        return full;
    }

    internal IEnumerable<string> Failures(HeadScores? scores)
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Divisor is < 1 or > 1 << 20)
            yield return $"divisor is {Divisor}; it must be 1 to 1048576.";
        foreach ((string name, float share) in ((string, float)[])[("induction", Induction), ("echo", Echo), ("retrieval", Retrieval)])
        {
            if (share is not (>= 0 and <= 1))
                yield return $"{name} is {share}; it must be 0 to 1.";
        }
        if (Retrieval > 0 && scores is not null && !scores.QueryHeads.ContainsKey(HeadScoreKind.Retrieval))
            yield return $"retrieval is {Retrieval}, but the model's {HeadScoresFile.Name} has no retrieval scores, because the model answered no question; leave the option out.";
    }

    internal string Fingerprint => FormattableString.Invariant($"razor/1;{Memory.Fingerprint};{Divisor},{Beyond};{WholeMemory.SelectionFingerprint}");
}
