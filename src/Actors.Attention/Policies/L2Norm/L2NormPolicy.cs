namespace Actors.Attention;

/// <summary>Of the remembered keys the ones with the lowest norm are read: a low norm goes with much attention later. Needs no attention scores.</summary>
/// <remarks>Source: arXiv:2406.11430. Sinks and a window are kept beside, which the paper leaves out; the choice follows the context, so a key that was passed over can come back.</remarks>
public sealed class L2NormPolicy : IAttentionPolicy
{
    private readonly L2NormOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public L2NormPolicy(L2NormOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "l2norm";

    /// <inheritdoc/>
    public string Fingerprint => _options.Fingerprint;

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new L2NormReader(this, _options, sequence);

    internal static L2NormPolicy Create(PolicyArguments arguments)
    {
        L2NormOptions options = L2NormOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
