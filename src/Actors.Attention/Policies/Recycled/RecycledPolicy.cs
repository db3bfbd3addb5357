namespace Actors.Attention;

/// <summary>
/// Reads every key at full steps, and between them only sinks, window and the keys that drew the most attention at the last full step. Saves time, not memory.
/// </summary>
/// <remarks>
/// Source: arXiv:2411.05787 (Recycled Attention). Full steps are at positions, the multiples of the stride and those where queries have changed too much, so it does not matter how
/// a sequence was cut into steps. Where the queries of the last full step are not known, after a restart or a change of policy, every step is full until the next one.
/// </remarks>
public sealed class RecycledPolicy : IAttentionPolicy
{
    private readonly RecycledOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public RecycledPolicy(RecycledOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "recycled";

    /// <inheritdoc/>
    public string Fingerprint => $"recycled/1;{_options.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new RecycledReader(this, sequence, _options);

    internal static RecycledPolicy Create(PolicyArguments arguments)
    {
        RecycledOptions options = RecycledOptions.From(arguments);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
