namespace Actors.Attention;

/// <summary>
/// Attention sinks and a sliding window: endless decoding at constant cost, without recall of what left the window.
/// Inside the window positions are relative; a sink keeps its slot, so its distance stops growing at sinks + window.
/// </summary>
/// <remarks>Source: arXiv:2309.17453 (StreamingLLM). Equal to re-roping the cache with its slots at each step.</remarks>
public sealed class StreamingPolicy : IAttentionPolicy
{
    private readonly StreamingOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Options; see their ranges.</param>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public StreamingPolicy(StreamingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionPolicies.ThrowOnFailures(Name, options.Failures());
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "streaming";

    /// <inheritdoc/>
    public string Fingerprint => $"streaming/1;{_options.SinkTokens},{_options.WindowTokens}";

    /// <inheritdoc/>
    public AttentionView View(int position)
    {
        int start = position + 1 - _options.WindowTokens;
        return start <= _options.SinkTokens
            ? AttentionView.Dense
            : new(start, _options.SinkTokens, SinkPlacement.Slots, _options.SinkTokens + _options.WindowTokens - 1, Distant: false);
    }

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new WindowReader(this, null, sequence);

    internal static StreamingPolicy Create(PolicyArguments arguments)
    {
        StreamingOptions defaults = StreamingOptions.For(arguments.Environment.TrainedWindow);
        StreamingOptions options = new() { SinkTokens = arguments.Int("sinks", defaults.SinkTokens), WindowTokens = arguments.Int("window", defaults.WindowTokens) };
        arguments.ThrowOnFailures(options.Failures());
        return new(options);
    }
}
