using System.Globalization;

namespace Actors.Attention;

/// <summary>Options of the policy `camelot`.</summary>
public sealed record CamelotOptions
{
    /// <summary>Slots of one memory, of which there is one per layer, or one per KV head with <see cref="CamelotSharing.Head"/>.</summary>
    /// <value>0 to 1,048,576; 0 keeps no memory, which leaves the window alone. Default 10,000.</value>
    public int Slots { get; init; } = 10_000;

    /// <summary>Cosine above which a token is familiar and joins its nearest slot; below it takes a slot of its own.</summary>
    /// <value>-1 to 1. Default 0.93.</value>
    public float Threshold { get; init; } = 0.93f;

    /// <summary>First tokens that every query sees and that never enter the memory.</summary>
    /// <value>Tokens, a multiple of 16, 0 to 4,096. Default 0.</value>
    public int SinkTokens { get; init; }

    /// <summary>Recent tokens read exactly. A query sees up to one <see cref="BlockTokens"/> more.</summary>
    /// <value>Tokens, a multiple of 32, 32 to 1,048,576. Default: three quarters of the trained window, at most 4,096.</value>
    public int WindowTokens { get; init; } = 384;

    /// <summary>Tokens that leave the window and enter the memory together.</summary>
    /// <value>Tokens, a multiple of 32, 32 to 4,096. Default: an eighth of the trained window, 32 to 512.</value>
    public int BlockTokens { get; init; } = 64;

    /// <summary>Tokens before a query's block whose slots it reads beside those of its block up to itself.</summary>
    /// <value>Tokens, 0 to 4,096 and at most the window. Default: two blocks, at most the window. The paper reads as many slots as the window has tokens.</value>
    public int RecentTokens { get; init; } = 128;

    /// <summary>In which space keys are averaged and where they are read.</summary>
    /// <value>Default <see cref="CamelotPositions.Constant"/>.</value>
    public CamelotPositions Positions { get; init; }

    /// <summary>How many tokens away slots and sinks seem to be with <see cref="CamelotPositions.Constant"/>.</summary>
    /// <value>Tokens, 1 to 1,048,576, null for window and block together. Default null.</value>
    public int? Distance { get; init; }

    /// <summary>Which heads share slots.</summary>
    /// <value>Default <see cref="CamelotSharing.Layer"/>.</value>
    public CamelotSharing Per { get; init; }

    /// <summary>What a slot counts for.</summary>
    /// <value>Default <see cref="CamelotWeight.One"/>.</value>
    public CamelotWeight Weight { get; init; }

    /// <summary>Whether the mean of the first window's keys is taken off before keys are compared.</summary>
    /// <value>Default false.</value>
    public bool Centre { get; init; }

    /// <summary>The defaults for a model that was trained on so many tokens of context.</summary>
    /// <param name="trainedWindow">Tokens, at least 16.</param>
    public static CamelotOptions For(int trainedWindow)
    {
        AttentionPolicies.CheckTrainedWindow(trainedWindow);
        int window = Math.Clamp(trainedWindow / 4 * 3 / 32 * 32, 32, 4096), block = Math.Clamp(trainedWindow / 8 / 32 * 32, 32, 512);
        return new() { WindowTokens = window, BlockTokens = block, RecentTokens = Math.Min(2 * block, window) };
    }

    internal static CamelotOptions From(PolicyArguments arguments)
    {
        CamelotOptions defaults = For(arguments.Environment.TrainedWindow);
        int window = arguments.Int("window", defaults.WindowTokens), block = arguments.Int("block", defaults.BlockTokens);
        return new()
        {
            Slots = arguments.Int("slots", defaults.Slots),
            Threshold = arguments.Number("threshold", defaults.Threshold),
            SinkTokens = arguments.Int("sinks", defaults.SinkTokens),
            WindowTokens = window,
            BlockTokens = block,
            RecentTokens = arguments.Int("recent", Math.Min(window, 2 * block)),
            Positions = arguments.Choice("positions", defaults.Positions),
            Distance = arguments.Text("distance") is null ? null : arguments.Int("distance", 0),
            Per = arguments.Choice("per", defaults.Per),
            Weight = arguments.Choice("weight", defaults.Weight),
            Centre = arguments.Int("centre", 0) != 0,
        };
    }

    internal IEnumerable<string> Failures()
    {
        if (Slots is < 0 or > 1 << 20)
            yield return $"slots is {Slots}; it must be 0 to 1048576.";
        if (!(Threshold is >= -1 and <= 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"threshold is {Threshold}; it must be -1 to 1.");
        if (SinkTokens is < 0 or > 4096 || SinkTokens % 16 != 0)
            yield return $"sinks is {SinkTokens}; it must be a multiple of 16, 0 to 4096.";
        if (WindowTokens is < 32 or > 1 << 20 || WindowTokens % AttentionPolicies.QueryBlockTokens != 0)
            yield return $"window is {WindowTokens}; it must be a multiple of {AttentionPolicies.QueryBlockTokens}, 32 to 1048576.";
        if (BlockTokens is < 32 or > 4096 || BlockTokens % AttentionPolicies.QueryBlockTokens != 0)
            yield return $"block is {BlockTokens}; it must be a multiple of {AttentionPolicies.QueryBlockTokens}, 32 to 4096.";
        if (RecentTokens is < 0 or > 4096 || RecentTokens > WindowTokens)
            yield return $"recent is {RecentTokens}; it must be 0 to 4096 and at most the window.";
        if (Distance is < 1 or > 1 << 20)
            yield return $"distance is {Distance}; it must be 1 to 1048576.";
    }

    internal string Fingerprint => string.Create(CultureInfo.InvariantCulture,
        $"{Slots},{Threshold:r},{SinkTokens},{WindowTokens},{BlockTokens},{RecentTokens},{Positions},{Distance ?? WindowTokens + BlockTokens},{Per},{Weight},{Centre}");
}
