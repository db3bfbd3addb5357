namespace Actors.Attention;

/// <summary>
/// Every head reads the first chunk, the recent ones and a few of its own choice, moved together so that nothing stands farther away than the model was trained for. For decoding.
/// </summary>
/// <remarks>
/// Source: arXiv:2402.10685 (LongHeads). By default a chunk is pooled by its keys instead of its queries, which are gone after a restore.
/// </remarks>
public sealed class LongHeadsPolicy : IAttentionPolicy
{
    private readonly LongHeadsOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public LongHeadsPolicy(LongHeadsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "longheads";

    /// <inheritdoc/>
    public string Fingerprint => $"longheads/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    /// <remarks>The window is the last whole chunk and what follows it. The query's place among the moved chunks differs from token to token, so the reader finds it.</remarks>
    public AttentionView View(int position) => position < _options.BudgetTokens
        ? AttentionView.Dense
        : new(((position / _options.ChunkTokens) - 1) * _options.ChunkTokens, 0, SinkPlacement.Slots, 0, Distant: true);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new LongHeadsReader(this, _options, sequence);

    internal static LongHeadsPolicy Create(PolicyArguments arguments)
    {
        LongHeadsOptions options = LongHeadsOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
