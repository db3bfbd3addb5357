namespace Actors.Attention;

/// <summary>
/// Three zones: sinks, window and keys not yet clustered are read exactly; so are the keys of the clusters with the best centroids; the clusters after
/// those take part as one key each, with the weight of their members and the mean of their values. For decoding.
/// </summary>
/// <remarks>
/// Source: arXiv:2505.02922 (RetroInfer), for models whose trained window holds the context: 4 sinks, 64 recent tokens, 1.8 % of the clusters read and 23.2 %
/// estimated. Beyond the trained window nothing is estimated by default: the zone tells a model of a hundred thousand keys that it was never trained to see at once.
/// Segments are all equal, where the paper's prompt has longer ones.
/// </remarks>
public sealed class ClustersPolicy : IAttentionPolicy
{
    private readonly ClustersOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public ClustersPolicy(ClustersOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "clusters";

    /// <inheritdoc/>
    public string Fingerprint => $"clusters/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new ClustersReader(this, _options, sequence);

    internal static ClustersPolicy Create(PolicyArguments arguments)
    {
        ClustersOptions options = ClustersOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
