namespace Actors.Attention;

/// <summary>Where remembered keys stand for a query.</summary>
public enum MemoryPlacement
{
    /// <summary>True positions while the context fits the trained window, one constant distance beyond it.</summary>
    Auto,

    /// <summary>True positions at any length, as most papers have it. A model knows no positions beyond those it was trained on.</summary>
    True,

    /// <summary>One constant distance, the window, for everything outside of the window (arXiv:2402.04617).</summary>
    Constant,
}

/// <summary>What policies that choose among remembered keys have in common: sinks and a window that are read exactly, and where the keys between them stand.</summary>
public sealed record MemoryOptions
{
    /// <summary>First tokens that every query sees.</summary>
    /// <value>Tokens, a multiple of 16, 0 to 4,096.</value>
    public int SinkTokens { get; init; } = 16;

    /// <summary>Recent tokens read exactly, at true relative positions. A query sees up to one query block (32 tokens) more.</summary>
    /// <value>Tokens, a multiple of 32, 32 to 1,048,576.</value>
    public int WindowTokens { get; init; } = 384;

    /// <summary>Where remembered keys stand.</summary>
    /// <value>Default <see cref="MemoryPlacement.Auto"/>.</value>
    public MemoryPlacement Placement { get; init; }

    /// <summary>Tokens of context that the model was really trained on.</summary>
    /// <value>Tokens, at least 16.</value>
    public int TrainedWindow { get; init; } = 512;

    /// <summary>Reads the options <c>sinks</c>, <c>window</c> and <c>positions</c>.</summary>
    /// <param name="arguments">What the user wrote.</param>
    /// <param name="sinkTokens">Default of the method.</param>
    /// <param name="windowTokens">Default of the method; no more than three quarters of the trained window are taken unless the user says so.</param>
    /// <exception cref="ArgumentNullException"><paramref name="arguments"/> is null.</exception>
    public static MemoryOptions From(PolicyArguments arguments, int sinkTokens, int windowTokens)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        int trained = arguments.Environment.TrainedWindow;
        return new()
        {
            SinkTokens = arguments.Int("sinks", Math.Min(sinkTokens, trained / 4 / 16 * 16)),
            WindowTokens = arguments.Int("window", Math.Max(32, Math.Min(windowTokens, trained / 4 * 3) / 32 * 32)),
            Placement = arguments.Choice("positions", MemoryPlacement.Auto),
            TrainedWindow = trained,
        };
    }

    /// <summary>The view of a position.</summary>
    /// <param name="position">Position of the query token.</param>
    public AttentionView View(int position)
    {
        int start = position - (position % AttentionPolicies.QueryBlockTokens) - WindowTokens;
        if (start <= SinkTokens)
            return AttentionView.Dense;
        bool constant = Placement switch
        {
            MemoryPlacement.Auto => position >= TrainedWindow / AttentionPolicies.QueryBlockTokens * AttentionPolicies.QueryBlockTokens,
            MemoryPlacement.Constant => true,
            _ => false,
        };
        return new(start, SinkTokens, constant ? SinkPlacement.Constant : SinkPlacement.True, WindowTokens, Distant: true);
    }

    internal IEnumerable<string> Failures()
    {
        if (SinkTokens is < 0 or > 4096 || SinkTokens % 16 != 0)
            yield return $"sinks is {SinkTokens}; it must be a multiple of 16, 0 to 4096.";
        if (WindowTokens is < 32 or > 1 << 20 || WindowTokens % AttentionPolicies.QueryBlockTokens != 0)
            yield return $"window is {WindowTokens}; it must be a multiple of {AttentionPolicies.QueryBlockTokens}, 32 to 1048576.";
    }

    internal string Fingerprint => $"{SinkTokens},{WindowTokens},{Placement},{TrainedWindow}";
}
