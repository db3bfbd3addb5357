namespace Actors.Attention;

/// <summary>Options of the policy `quest`.</summary>
public sealed record QuestOptions
{
    /// <summary>Sinks, window and where the pages between them stand.</summary>
    /// <value>See there. Default: 16 sinks and a window of three quarters of the trained window, at most 4,096 tokens.</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Tokens that are read between sinks and window, in pages of 16.</summary>
    /// <value>A multiple of 16, 48 to 1,048,576. Default: half of the trained window, 256 to 4,096.</value>
    public int BudgetTokens { get; init; } = 256;

    /// <summary>First layers that read every key while keys stand at true positions; at the constant distance no layer does.</summary>
    /// <value>Layers, 0 to 1,024. Default 2.</value>
    public int DenseLayers { get; init; } = 2;

    /// <summary>How the query heads of a KV head agree.</summary>
    /// <value>Default <see cref="HeadChoice.Max"/>.</value>
    public HeadChoice Heads { get; init; }

    /// <summary>How pages are found.</summary>
    /// <value>Default <see cref="QuestScan.Flat"/>.</value>
    public QuestScan Scan { get; init; }

    /// <summary>Nodes that a tree opens per level at most.</summary>
    /// <value>Nodes of 16 children, 1 to 65,536. Default 256.</value>
    public int OpenedNodes { get; init; } = 256;

    internal static QuestOptions From(PolicyArguments arguments) => new()
    {
        Memory = MemoryOptions.From(arguments, 16, 4096),
        BudgetTokens = arguments.Int("budget", Math.Clamp(arguments.Environment.TrainedWindow / 2 / 16 * 16, 256, 4096)),
        DenseLayers = arguments.Int("denselayers", 2),
        Heads = arguments.Choice("heads", HeadChoice.Max),
        Scan = arguments.Choice("scan", QuestScan.Flat),
        OpenedNodes = arguments.Int("opened", 256),
    };

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (BudgetTokens is < 48 or > 1 << 20 || BudgetTokens % 16 != 0)
            yield return $"budget is {BudgetTokens}; it must be a multiple of 16, 48 to 1048576.";
        if (DenseLayers is < 0 or > 1024)
            yield return $"denselayers is {DenseLayers}; it must be 0 to 1024.";
        if (!Enum.IsDefined(Heads))
            yield return $"heads is {Heads}; use max, sum or each.";
        if (!Enum.IsDefined(Scan))
            yield return $"scan is {Scan}; use flat or tree.";
        if (OpenedNodes is < 1 or > 65536)
            yield return $"opened is {OpenedNodes}; it must be 1 to 65536.";
        if (Scan == QuestScan.Tree && Heads == HeadChoice.Sum)
            yield return "scan is tree, which knows no sums of bounds; use heads=max or heads=each, or scan=flat.";
    }

    internal string Fingerprint => $"{Memory.Fingerprint};{BudgetTokens},{DenseLayers},{Heads},{Scan},{OpenedNodes}";
}
