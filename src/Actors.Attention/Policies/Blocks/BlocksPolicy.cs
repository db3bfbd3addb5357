namespace Actors.Attention;

/// <summary>
/// Sinks, an exact window, and distant groups of 16 tokens chosen by content, all distant keys un-roped at one constant distance.
/// Memory without end at a cost that does not follow the length.
/// </summary>
/// <remarks>Source: arXiv:2402.04617 (InfLLM) for the structure; groups are chosen by min/max bounds, arXiv:2406.10774 (Quest); spans instead of groups: arXiv:2412.04757 (Ltri-LLM).</remarks>
public sealed class BlocksPolicy : IAttentionPolicy
{
    private readonly BlocksOptions _options;
    private readonly int _distance;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public BlocksPolicy(BlocksOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
        _distance = options.Distance ?? options.WindowTokens;
    }

    /// <inheritdoc/>
    public string Name => "blocks";

    /// <inheritdoc/>
    public string Fingerprint => $"blocks/1;{_options.SinkTokens},{_options.WindowTokens},{_distance};{_options.Selection.Fingerprint}{(_options.Spans is { } spans ? ";" + spans.Fingerprint : "")}";

    /// <inheritdoc/>
    public AttentionView View(int position)
    {
        int start = position - position % AttentionPolicies.QueryBlockTokens - _options.WindowTokens;
        if (_options.Selection.Kind == SelectionKind.Representatives)
            start -= start % Actors.KvCache.KvLayout.PageTokens; // whole pages leave the window
        return start <= _options.SinkTokens
            ? AttentionView.Dense
            : new(start, _options.SinkTokens, SinkPlacement.Constant, _distance, Distant: true);
    }

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => CreateReader(this, sequence);

    /// <summary>Makes the reader of a policy that is `blocks` at least in part.</summary>
    internal PolicyReader CreateReader(IAttentionPolicy policy, SequenceContext sequence)
        => _options.Spans is { } spans ? new SpanReader(policy, _options, spans, sequence) : new WindowReader(policy, _options.Selection, sequence);

    internal static BlocksPolicy Create(PolicyArguments arguments)
    {
        BlocksOptions options = BlocksOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
