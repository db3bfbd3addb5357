namespace Actors.Attention;

/// <summary>
/// Sinks, an exact window, and for every query head the keys of the memory that have the largest products with its query, found by a key index.
/// New tokens stay in the window; the oldest leave it into the index.
/// </summary>
/// <remarks>Source: arXiv:2409.10516 (RetrievalAttention).</remarks>
public sealed class RetrievalPolicy : IAttentionPolicy
{
    private readonly RetrievalOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public RetrievalPolicy(RetrievalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "retrieval";

    /// <inheritdoc/>
    public string Fingerprint => $"retrieval/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new IndexedReader(this, sequence, new()
    {
        Create = () => KeyIndexes.Create(_options.Index, sequence.Shape.HeadDim, _options.IndexOptions),
        Wanted = _ => _options.Tokens,
        LearnEvery = _options.Index == "graph" ? _options.Learn : 0,
        ExactScores = true,
    });

    internal static RetrievalPolicy Create(PolicyArguments arguments)
    {
        RetrievalOptions options = RetrievalOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
