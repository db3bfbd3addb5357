namespace Actors.Attention;

/// <summary>
/// Sinks, an exact window, and for every query head the keys of the memory that are nearest to its query once both are lifted onto a sphere, found by prioritised dynamic continuous indexing.
/// </summary>
/// <remarks>Source: arXiv:2405.02842 (IceFormer), there for the prompt; here for decoding, where the index grows token by token.</remarks>
public sealed class IceFormerPolicy : IAttentionPolicy
{
    private readonly IceFormerOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public IceFormerPolicy(IceFormerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "iceformer";

    /// <inheritdoc/>
    public string Fingerprint => $"iceformer/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new IndexedReader(this, sequence, new()
    {
        Create = () => KeyIndexes.Create("dci", sequence.Shape.HeadDim, _options.IndexOptions),
        Wanted = _ => _options.Tokens,
        ExactScores = true,
    });

    internal static IceFormerPolicy Create(PolicyArguments arguments)
    {
        IceFormerOptions options = IceFormerOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
