namespace Actors.Attention;

/// <summary>
/// Sinks, an exact window, and between them the pages of 16 tokens with the highest upper bounds of a score, found by each channel's least and greatest
/// key. For decoding.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.10774 (Quest), where every page is chosen by its bound and the first two layers read all keys. Here sinks and window are always
/// read, since a model needs both, and the dense layers hold only where keys stand at true positions: at one constant distance, thousands of keys that a model
/// was never trained to tell apart drown what it looks for, and reading them costs time that grows with the context.
/// </remarks>
public sealed class QuestPolicy : IAttentionPolicy
{
    private readonly QuestOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public QuestPolicy(QuestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "quest";

    /// <inheritdoc/>
    public string Fingerprint => $"quest/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new QuestReader(this, _options, sequence);

    internal static QuestPolicy Create(PolicyArguments arguments)
    {
        QuestOptions options = QuestOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
