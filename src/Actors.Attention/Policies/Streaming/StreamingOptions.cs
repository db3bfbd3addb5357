namespace Actors.Attention;

/// <summary>Options of the policy `streaming`.</summary>
public sealed record StreamingOptions
{
    /// <summary>First tokens that every query sees.</summary>
    /// <value>Tokens, 0 to 4,096. Default 4.</value>
    public int SinkTokens { get; init; } = 4;

    /// <summary>Recent tokens that a query sees, itself included.</summary>
    /// <value>Tokens, 1 to 1,048,576. Default: the model's trained window less the sinks.</value>
    public int WindowTokens { get; init; } = 508;

    /// <summary>The defaults for a model that was trained on so many tokens of context.</summary>
    /// <param name="trainedWindow">Tokens, at least 16.</param>
    public static StreamingOptions For(int trainedWindow)
    {
        AttentionPolicies.CheckTrainedWindow(trainedWindow);
        return new() { WindowTokens = Math.Min(trainedWindow - 4, 1 << 20) };
    }

    internal IEnumerable<string> Failures()
    {
        if (SinkTokens is < 0 or > 4096)
            yield return $"SinkTokens is {SinkTokens}; it must be 0 to 4096.";
        if (WindowTokens is < 1 or > 1 << 20)
            yield return $"WindowTokens is {WindowTokens}; it must be 1 to 1048576.";
    }
}
