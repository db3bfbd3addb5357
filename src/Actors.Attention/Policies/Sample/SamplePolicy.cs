namespace Actors.Attention;

/// <summary>
/// For long prompts: a few sampled queries say which blocks of keys and which blocks of distances keep a given share of attention, and the chunk reads those
/// beside sinks and window. Decoding and short chunks read everything, so it is meant as the `prefill` of another policy.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.15486 (SampleAttention), in the form with a block of queries at the end of each segment and blocks of 128 keys. The share that is kept is
/// that of the mean over the sampled queries, not of the worst of them, and the query heads of a KV head choose together.
/// </remarks>
public sealed class SamplePolicy : IAttentionPolicy
{
    private readonly SampleOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public SamplePolicy(SampleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "sample";

    /// <inheritdoc/>
    public string Fingerprint => $"sample/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new SampleReader(this, _options, sequence);

    internal static SamplePolicy Create(PolicyArguments arguments)
    {
        SampleOptions options = SampleOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
