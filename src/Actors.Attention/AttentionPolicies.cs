namespace Actors.Attention;

/// <summary>The policies by name.</summary>
public static class AttentionPolicies
{
    /// <summary>Tokens of a query block: rows of a long chunk that choose their distant groups together. Blocks are aligned to positions.</summary>
    public const int QueryBlockTokens = 32;

    /// <summary>Names that <see cref="Create"/> knows; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "dense", "streaming", "blocks"];

    /// <summary>Makes the policy with that name.</summary>
    /// <param name="name">auto, dense, streaming or blocks.</param>
    /// <param name="trainedWindow">Tokens of context that the model was really trained on; defaults derive from it.</param>
    /// <param name="streaming">Options of `streaming`, null for those of <see cref="StreamingOptions.For"/>.</param>
    /// <param name="blocks">Options of `blocks` and of `auto` beyond the trained window, null for those of <see cref="BlocksOptions.For"/>.</param>
    /// <exception cref="ArgumentException">An unknown name, a trained window below 16, or options out of range.</exception>
    public static IAttentionPolicy Create(string name, int trainedWindow, StreamingOptions? streaming = null, BlocksOptions? blocks = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        CheckTrainedWindow(trainedWindow);
        return name switch
        {
            "auto" => new AutoPolicy(trainedWindow, blocks ?? BlocksOptions.For(trainedWindow)),
            "dense" => new DensePolicy(),
            "streaming" => new StreamingPolicy(streaming ?? StreamingOptions.For(trainedWindow)),
            "blocks" => new BlocksPolicy(blocks ?? BlocksOptions.For(trainedWindow)),
            _ => throw new ArgumentException($"There is no attention policy '{name}'; use one of {string.Join(", ", Names)}.", nameof(name)),
        };
    }

    internal static void CheckTrainedWindow(int trainedWindow)
    {
        if (trainedWindow < 16)
            throw new ArgumentOutOfRangeException(nameof(trainedWindow), trainedWindow, "The trained window must be at least 16 tokens; check max_position_embeddings of the checkpoint.");
    }

    internal static void ThrowOnFailures(string policy, IEnumerable<string> failures)
    {
        string text = string.Join(" ", failures);
        if (text.Length > 0)
            throw new ArgumentException($"The options of the attention policy '{policy}' are out of range: {text}", "options");
    }
}
