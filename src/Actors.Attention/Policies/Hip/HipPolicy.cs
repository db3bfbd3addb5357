namespace Actors.Attention;

/// <summary>
/// Sinks, an exact window, and keys found by halving ranges: one key speaks for its range, so that a few comparisons per range and level lead to single blocks. It keeps nothing about a
/// sequence. For decoding.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.09827 (HiP) and arXiv:2502.08910 (InfiniteHiP) for the stages. Both find what has neighbours like it; a fact that stands alone is found only when halving happens to pass by it.
/// InfiniteHiP reads what it found at packed positions; here keys stand as `positions` says.
/// </remarks>
public sealed class HipPolicy : IAttentionPolicy
{
    private readonly HipOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public HipPolicy(HipOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "hip";

    /// <inheritdoc/>
    public string Fingerprint => $"hip/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new HipReader(this, _options, sequence);

    internal static HipPolicy Create(PolicyArguments arguments)
    {
        HipOptions options = HipOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
