namespace Actors.Attention;

/// <summary>
/// For long prompts: the last queries of a chunk say which keys ("verticals") and which distances ("slashes") the whole chunk reads beside sinks and window.
/// Decoding and short chunks read everything, so it is meant as the `prefill` of another policy.
/// </summary>
/// <remarks>
/// Source: arXiv:2407.02490 (MInference 1.0), the vertical-slash pattern. Here a chunk, not the prompt, chooses; the query heads of a KV head choose together; and what a
/// prompt read chunk by chunk cannot know, its very last queries, is not used.
/// </remarks>
public sealed class MinferencePolicy : IAttentionPolicy
{
    private readonly MinferenceOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public MinferencePolicy(MinferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "minference";

    /// <inheritdoc/>
    public string Fingerprint => $"minference/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new MinferenceReader(this, _options, sequence);

    internal static MinferencePolicy Create(PolicyArguments arguments)
    {
        MinferenceOptions options = MinferenceOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
