namespace Actors.Attention;

/// <summary>
/// At the end of a prompt its last queries choose the tokens that the answer will read, beside sinks, window and everything since: `snapkv`. Of `pyramid`, first layers
/// choose more than last ones.
/// </summary>
/// <remarks>
/// Sources: arXiv:2404.14469 (SnapKV), arXiv:2406.02069 (PyramidKV). A chunk of several rows is prompt and read as `auto` does; the first single row after it is the
/// prompt's end. Queries are not stored: after a restore everything is read so, until the next prompt has chosen.
/// </remarks>
public sealed class SnapKvPolicy : IAttentionPolicy
{
    private readonly SnapKvOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public SnapKvPolicy(SnapKvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(options.Taper is null ? "snapkv" : "pyramid", options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => _options.Taper is null ? "snapkv" : "pyramid";

    /// <inheritdoc/>
    public string Fingerprint => _options.Fingerprint;

    /// <inheritdoc/>
    public AttentionView View(int position) => _options.Memory.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new SnapKvReader(this, _options, sequence);

    internal static SnapKvPolicy Create(PolicyArguments arguments) => Create(arguments, tapers: false);

    internal static SnapKvPolicy CreatePyramid(PolicyArguments arguments) => Create(arguments, tapers: true);

    private static SnapKvPolicy Create(PolicyArguments arguments, bool tapers)
    {
        SnapKvOptions options = SnapKvOptions.From(arguments, tapers);
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
