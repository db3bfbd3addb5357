namespace Actors.Attention;

/// <summary>
/// Every query head compares its query with all keys of the memory in a few principal dimensions, and reads a part of them with their whole products.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.02542 (Loki). The paper finds the principal directions beforehand on a calibration text; here each layer and KV head of a sequence takes them from
/// the first keys of its own memory, so no file is needed and what the sequence reads depends on itself alone.
/// </remarks>
public sealed class LokiPolicy : IAttentionPolicy
{
    private readonly LokiOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public LokiPolicy(LokiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "loki";

    /// <inheritdoc/>
    public string Fingerprint => $"loki/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence)
    {
        int headDim = sequence.Shape.HeadDim, dimensions = Math.Min(_options.Dimensions ?? Math.Max(headDim / 4, 1), headDim);
        return new IndexedReader(this, sequence, new()
        {
            Create = () => new PrincipalIndex(headDim, dimensions, _options.CalibrationTokens),
            Wanted = keys => (int)Math.Ceiling(keys * (double)_options.Share),
        });
    }

    internal static LokiPolicy Create(PolicyArguments arguments)
    {
        LokiOptions options = LokiOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
