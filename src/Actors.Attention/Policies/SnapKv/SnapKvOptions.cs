namespace Actors.Attention;

/// <summary>Options of the policies `snapkv` and `pyramid`.</summary>
public sealed record SnapKvOptions
{
    /// <summary>Sinks, window and where remembered keys stand.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Tokens kept of a prompt per KV head, <see cref="Observed"/> included; in `pyramid` the mean over layers.</summary>
    /// <value>Tokens, more than <see cref="Observed"/>, at most 1,048,576. Default: half of the trained window, 64 to 1,024.</value>
    public int Tokens { get; init; } = 256;

    /// <summary>Last tokens of a prompt whose queries choose; they are kept themselves.</summary>
    /// <value>Tokens, 1 to 128, at most the window. Default 32.</value>
    public int Observed { get; init; } = 32;

    /// <summary>Neighbours over which votes are averaged, so that a chosen token brings its surroundings.</summary>
    /// <value>Tokens, odd, 1 to 63. Default 5.</value>
    public int Pool { get; init; } = 5;

    /// <summary>What a new prompt does with what earlier ones passed over.</summary>
    /// <value>Default <see cref="TurnKeeping.Anew"/>.</value>
    public TurnKeeping Turns { get; init; }

    /// <summary>How much more first layers keep than last ones: the last keeps 1/Taper of the mean, where the prompt is long enough.</summary>
    /// <value>1 to 1,000, null for the same in all layers. Default null, in `pyramid` 20.</value>
    public float? Taper { get; init; }

    internal static SnapKvOptions From(PolicyArguments arguments, bool tapers)
    {
        SnapKvOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 4096),
            Tokens = arguments.Int("tokens", Math.Clamp(arguments.Environment.TrainedWindow / 2, 64, 1024)),
            Observed = arguments.Int("observed", defaults.Observed),
            Pool = arguments.Int("pool", defaults.Pool),
            Turns = arguments.Choice("turns", defaults.Turns),
            Taper = tapers ? arguments.Number("taper", 20) : null,
        };
    }

    /// <summary>Tokens that a layer chooses of a prompt, beside those observed.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="tokens">Length of the context at the end of the prompt.</param>
    internal int Chosen(int layer, int layers, int tokens)
    {
        int mean = Tokens - Observed;
        if (Taper is not { } taper || layers == 1 || tokens < 2 * mean)
            return mean;
        double least = Math.Floor(mean / (double)taper), most = (2.0 * mean) - least;
        if (most >= tokens - Observed)
            (most, least) = (tokens - Observed, (2.0 * mean) - (tokens - Observed));
        return (int)(most - Math.Floor((most - least) / (layers - 1)) * layer);
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Observed is < 1 or > 128 || Observed > Memory.WindowTokens)
            yield return $"observed is {Observed}; it must be 1 to 128 and at most the window, {Memory.WindowTokens}.";
        if (Tokens <= Observed || Tokens > 1 << 20)
            yield return $"tokens is {Tokens}; it must be more than the {Observed} that are observed, and at most 1048576.";
        if (Pool is < 1 or > 63 || Pool % 2 == 0)
            yield return $"pool is {Pool}; it must be odd, 1 to 63.";
        if (Taper is { } taper && taper is not (>= 1 and <= 1000))
            yield return $"taper is {taper}; it must be 1 to 1000.";
    }

    internal string Fingerprint => FormattableString.Invariant($"snapkv/1;{Memory.Fingerprint};{Tokens},{Observed},{Pool},{Turns},{Taper:R};{WholeMemory.SelectionFingerprint}");
}
