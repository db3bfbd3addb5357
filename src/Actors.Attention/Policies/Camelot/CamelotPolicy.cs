namespace Actors.Attention;

/// <summary>
/// An exact window and an associative memory of bounded size for everything before it. A token that leaves the window joins the slot whose mean key is nearest to its own, when they are
/// similar enough (consolidation), or takes a slot (novelty), the one that was longest without a token when all are taken (recency). A query reads the slots nearest to the keys of
/// the most recent tokens, its own included.
/// </summary>
/// <remarks>
/// Source: arXiv:2402.13449 (CAMELoT). Different: the window slides by blocks instead of jumping, a token's slot is seen by it and later tokens only, equal slots are read once, and tokens that
/// leave the window together and are alike share a new slot. The memory is a summary: single facts are not recalled from it word by word.
/// </remarks>
public sealed class CamelotPolicy : IAttentionPolicy
{
    private readonly CamelotOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public CamelotPolicy(CamelotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "camelot";

    /// <inheritdoc/>
    public string Fingerprint => $"camelot/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public bool KeepsValues => true;

    /// <inheritdoc/>
    public AttentionView View(int position)
    {
        int start = position - (position % _options.BlockTokens) - _options.WindowTokens;
        return start <= _options.SinkTokens
            ? AttentionView.Dense
            : new(start, _options.SinkTokens, SinkPlacement.Constant, _options.Distance ?? _options.WindowTokens + _options.BlockTokens, Distant: true);
    }

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new CamelotReader(this, _options, sequence);

    internal static CamelotPolicy Create(PolicyArguments arguments)
    {
        CamelotOptions options = CamelotOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
