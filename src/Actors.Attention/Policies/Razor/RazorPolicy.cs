namespace Actors.Attention;

/// <summary>
/// A few heads that look far read everything; the others read sinks, the newest part of the context, and one key with one value that stand for all that they leave out.
/// </summary>
/// <remarks>Source: arXiv:2407.15891 (RazorAttention). Which heads look far is measured once per model and read from <see cref="HeadScoresFile"/>.</remarks>
public sealed class RazorPolicy : IAttentionPolicy
{
    private readonly RazorOptions _options;
    private readonly bool[] _full;

    /// <summary>Checks the options and chooses the heads.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <param name="scores">Head scores of the model.</param>
    /// <exception cref="ArgumentException">Options out of range, or scores that they need are missing; the message lists all.</exception>
    public RazorPolicy(RazorOptions options, HeadScores scores)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scores);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures(scores));
        _options = options;
        _full = options.FullHeads(scores);
        Fingerprint = $"{options.Fingerprint};{HeadRanking.Write(_full)}";
    }

    /// <inheritdoc/>
    public string Name => "razor";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>[layers, kvHeads], the heads that read everything.</summary>
    public IReadOnlyList<bool> FullHeads => _full;

    /// <inheritdoc/>
    public bool KeepsValues => true;

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new RazorReader(this, _full, _options, sequence);

    internal static RazorPolicy Create(PolicyArguments arguments)
    {
        RazorOptions options = RazorOptions.From(arguments);
        HeadScores? scores = arguments.HeadScores();
        arguments.ThrowOnFailures(options.Failures(scores));
        return new(options, scores!);
    }
}
