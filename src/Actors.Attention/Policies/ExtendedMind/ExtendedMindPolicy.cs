namespace Actors.Attention;

/// <summary>
/// Every query head reads the few keys of the memory that have the largest cosine with its query, un-roped, in one softmax with the window. They are compared by
/// cosine and weighed by their own products.
/// </summary>
/// <remarks>Source: arXiv:2406.02332 (Extended Mind Transformers).</remarks>
public sealed class ExtendedMindPolicy : IAttentionPolicy
{
    private readonly ExtendedMindOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public ExtendedMindPolicy(ExtendedMindOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "extended-mind";

    /// <inheritdoc/>
    public string Fingerprint => $"extended-mind/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new IndexedReader(this, sequence, new()
    {
        Create = () => KeyIndexes.Create(_options.Index, sequence.Shape.HeadDim, KeyIndexOptions.Default),
        Wanted = _ => _options.Tokens,
        ByCosine = true,
        MinimumCosine = _options.Mask,
    });

    internal static ExtendedMindPolicy Create(PolicyArguments arguments)
    {
        ExtendedMindOptions options = ExtendedMindOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
