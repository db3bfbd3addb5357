namespace Actors.Attention;

/// <summary>Options of the policy `longheads`.</summary>
public sealed record LongHeadsOptions
{
    /// <summary>Tokens of a chunk.</summary>
    /// <value>A multiple of 32, 32 to 4,096. Default: a sixteenth of the trained window, 32 to the paper's 256.</value>
    public int ChunkTokens { get; init; } = 32;

    /// <summary>Tokens that a query sees: chunk 0, chosen chunks, the last whole chunk and what follows it. Shorter contexts are read densely.</summary>
    /// <value>A multiple of <see cref="ChunkTokens"/>, 4 chunks to 1,048,576 tokens. Default: the trained window, rounded down.</value>
    public int BudgetTokens { get; init; } = 512;

    /// <summary>How the query heads of a KV head choose chunks.</summary>
    /// <value>Default <see cref="HeadChoice.Each"/>, as in the paper.</value>
    public HeadChoice Heads { get; init; } = HeadChoice.Each;

    /// <summary>What pools a chunk.</summary>
    /// <value>Default <see cref="LongHeadsFeature.Keys"/>.</value>
    public LongHeadsFeature Feature { get; init; }

    internal static LongHeadsOptions From(PolicyArguments arguments)
    {
        int trained = arguments.Environment.TrainedWindow, chunk = arguments.Int("chunk", Math.Clamp(trained / 16 / 32 * 32, 32, 256));
        return new()
        {
            ChunkTokens = chunk,
            BudgetTokens = arguments.Int("budget", chunk < 1 ? 0 : Math.Max(4 * chunk, Math.Min(trained, 1 << 20) / chunk * chunk)),
            Heads = arguments.Choice("heads", HeadChoice.Each),
            Feature = arguments.Choice("feature", LongHeadsFeature.Keys),
        };
    }

    internal IEnumerable<string> Failures()
    {
        if (ChunkTokens is < 32 or > 4096 || ChunkTokens % AttentionPolicies.QueryBlockTokens != 0)
            yield return $"chunk is {ChunkTokens}; it must be a multiple of {AttentionPolicies.QueryBlockTokens}, 32 to 4096.";
        else if (BudgetTokens < 4 * ChunkTokens || BudgetTokens > 1 << 20 || BudgetTokens % ChunkTokens != 0)
            yield return $"budget is {BudgetTokens}; it must be a multiple of chunk ({ChunkTokens}), {4 * ChunkTokens} to 1048576.";
        if (!Enum.IsDefined(Heads))
            yield return $"heads is {Heads}; use max, sum or each.";
        if (!Enum.IsDefined(Feature))
            yield return $"feature is {Feature}; use keys or queries.";
    }

    internal string Fingerprint => $"{ChunkTokens},{BudgetTokens},{Heads},{Feature}";
}
