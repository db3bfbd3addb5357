namespace Actors.Attention;

/// <summary>Heads that look far read everything, the others stream: sinks and a window.</summary>
/// <remarks>
/// Source: arXiv:2410.10819 (DuoAttention). The paper trains a gate per head; here heads are ranked by a score without gradients, read from
/// <see cref="HeadScoresFile"/>.
/// </remarks>
public sealed class DuoPolicy : IAttentionPolicy
{
    private readonly DuoOptions _options;
    private readonly bool[] _full;

    /// <summary>Checks the options and chooses the heads.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <param name="scores">Head scores of the model.</param>
    /// <exception cref="ArgumentException">Options out of range, or scores that they need are missing; the message lists all.</exception>
    public DuoPolicy(DuoOptions options, HeadScores scores)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scores);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures(scores));
        _options = options;
        _full = new bool[scores.Shape.Layers * scores.Shape.KvHeads];
        HeadRanking.MarkTop(scores.KvHeads(options.Score), options.Full, _full);
        Fingerprint = $"{options.Fingerprint};{HeadRanking.Write(_full)}";
    }

    /// <inheritdoc/>
    public string Name => "duo";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>[layers, kvHeads], the heads that read everything.</summary>
    public IReadOnlyList<bool> FullHeads => _full;

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new DuoReader(this, _full, _options.Beyond, sequence);

    internal static DuoPolicy Create(PolicyArguments arguments)
    {
        DuoOptions options = DuoOptions.From(arguments);
        HeadScores? scores = arguments.HeadScores();
        arguments.ThrowOnFailures(options.Failures(scores));
        return new(options, scores!);
    }
}
