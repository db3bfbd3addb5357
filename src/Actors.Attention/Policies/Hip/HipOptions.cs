namespace Actors.Attention;

/// <summary>Options of the policy `hip`.</summary>
public sealed record HipOptions
{
    /// <summary>Sinks, window and where the keys between them stand.</summary>
    /// <value>See there. Default: 16 sinks and a window of three quarters of the trained window, at most 4,096 tokens.</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Tokens that are read between sinks and window.</summary>
    /// <value>A multiple of 16, 32 to 65,536. Default: half of the trained window, 256 to the paper's 512.</value>
    public int BudgetTokens { get; init; } = 256;

    /// <summary>Tokens that are chosen together when ranges are halved; the first of a range speak for it.</summary>
    /// <value>1, 2, 4, 8 or 16. Default 2.</value>
    public int BlockTokens { get; init; } = 2;

    /// <summary>How keys are searched.</summary>
    /// <value>Default <see cref="HipSearchKind.Halving"/>.</value>
    public HipSearchKind Search { get; init; }

    /// <summary>How the query heads of a KV head agree.</summary>
    /// <value>Default <see cref="HeadChoice.Max"/>.</value>
    public HeadChoice Heads { get; init; }

    internal static HipOptions From(PolicyArguments arguments) => new()
    {
        Memory = MemoryOptions.From(arguments, 16, 4096),
        BudgetTokens = arguments.Int("budget", Math.Clamp(arguments.Environment.TrainedWindow / 2 / 16 * 16, 256, 512)),
        BlockTokens = arguments.Int("block", 2),
        Search = arguments.Choice("search", HipSearchKind.Halving),
        Heads = arguments.Choice("heads", HeadChoice.Max),
    };

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (BudgetTokens is < 32 or > 65536 || BudgetTokens % 16 != 0)
            yield return $"budget is {BudgetTokens}; it must be a multiple of 16, 32 to 65536.";
        if (BlockTokens is not (1 or 2 or 4 or 8 or 16))
            yield return $"block is {BlockTokens}; it must be 1, 2, 4, 8 or 16.";
        if (!Enum.IsDefined(Search))
            yield return $"search is {Search}; use halving or stages.";
        if (!Enum.IsDefined(Heads))
            yield return $"heads is {Heads}; use max, sum or each.";
    }

    internal string Fingerprint => $"{Memory.Fingerprint};{BudgetTokens},{BlockTokens},{Search},{Heads}";
}
