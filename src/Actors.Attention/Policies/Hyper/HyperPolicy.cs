namespace Actors.Attention;

/// <summary>
/// For long prompts, in time that does not follow the square of their length: queries and keys are sorted by a hash of their direction, each query reads the keys at its own
/// place of the order exactly and a few drawn from all others in their stead. Decoding and short chunks read everything, so it is meant as the `prefill` of another policy.
/// </summary>
/// <remarks>
/// Source: arXiv:2310.05869 (HyperAttention). A chunk of a prompt and the keys before it are the unmasked block of its recursion; keys inside of the chunk, sinks and window are
/// read exactly, which the paper does below its least length.
/// </remarks>
public sealed class HyperPolicy : IAttentionPolicy
{
    private readonly HyperOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public HyperPolicy(HyperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "hyper";

    /// <inheritdoc/>
    public string Fingerprint => $"hyper/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new HyperReader(this, _options, sequence);

    internal static HyperPolicy Create(PolicyArguments arguments)
    {
        HyperOptions options = HyperOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
