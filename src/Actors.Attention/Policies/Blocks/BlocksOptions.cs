namespace Actors.Attention;

/// <summary>Options of the policy `blocks`.</summary>
public sealed record BlocksOptions
{
    /// <summary>First tokens that every query sees.</summary>
    /// <value>Tokens, a multiple of 16, 0 to 4,096. Default 16.</value>
    public int SinkTokens { get; init; } = 16;

    /// <summary>Recent tokens read exactly, at true relative positions. A query sees up to one query block (32 tokens) more.</summary>
    /// <value>Tokens, a multiple of 32, 32 to 1,048,576. Default: three quarters of the trained window, at most 4,096.</value>
    public int WindowTokens { get; init; } = 384;

    /// <summary>How many tokens away all distant keys and sinks seem to be.</summary>
    /// <value>Tokens, 1 to 1,048,576, null for <see cref="WindowTokens"/>. Default null.</value>
    public int? Distance { get; init; }

    /// <summary>Which distant groups are read.</summary>
    /// <value>See there.</value>
    public SelectionOptions Selection { get; init; } = new();

    /// <summary>Spans that attend to each other as the unit that is chosen, instead of groups of 16.</summary>
    /// <value>Null for groups. Default null. Of <see cref="Selection"/> only <see cref="SelectionOptions.KeptGroups"/> counts then, as a budget of 16 tokens each.</value>
    public SpanOptions? Spans { get; init; }

    /// <summary>The defaults for a model that was trained on so many tokens of context.</summary>
    /// <param name="trainedWindow">Tokens, at least 16.</param>
    public static BlocksOptions For(int trainedWindow)
    {
        AttentionPolicies.CheckTrainedWindow(trainedWindow);
        return new() { WindowTokens = Math.Clamp(trainedWindow / 4 * 3 / 32 * 32, 32, 4096) };
    }

    internal static BlocksOptions From(PolicyArguments arguments)
    {
        BlocksOptions defaults = For(arguments.Environment.TrainedWindow);
        SelectionOptions selection = defaults.Selection;
        int window = arguments.Int("window", defaults.WindowTokens);
        return new()
        {
            SinkTokens = arguments.Int("sinks", defaults.SinkTokens),
            WindowTokens = window,
            Spans = SpanOptions.From(arguments, window),
            Distance = arguments.Text("distance") is null ? null : arguments.Int("distance", 0),
            Selection = new()
            {
                Kind = arguments.Choice("kind", selection.Kind),
                BeamGroups = arguments.Int("beam", selection.BeamGroups),
                KeptGroups = arguments.Int("kept", selection.KeptGroups),
                OpenedNodes = arguments.Int("opened", selection.OpenedNodes),
                ProbeGroups = arguments.Int("probe", selection.ProbeGroups),
                ProbeMargin = arguments.Number("margin", selection.ProbeMargin),
            },
        };
    }

    internal IEnumerable<string> Failures()
    {
        if (SinkTokens is < 0 or > 4096 || SinkTokens % 16 != 0)
            yield return $"SinkTokens is {SinkTokens}; it must be a multiple of 16, 0 to 4096.";
        if (WindowTokens is < 32 or > 1 << 20 || WindowTokens % AttentionPolicies.QueryBlockTokens != 0)
            yield return $"WindowTokens is {WindowTokens}; it must be a multiple of {AttentionPolicies.QueryBlockTokens}, 32 to 1048576.";
        if (Distance is < 1 or > 1 << 20)
            yield return $"Distance is {Distance}; it must be 1 to 1048576.";
        foreach (string failure in Selection.Failures())
            yield return "Selection." + failure;
        foreach (string failure in Spans?.Failures(WindowTokens) ?? [])
            yield return failure;
        if (Spans is not null && Selection.Kind == SelectionKind.Representatives)
            yield return "Spans have a summary of their own (spans.index); they do not go with kind=representatives.";
    }
}
