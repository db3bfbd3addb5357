namespace Actors.Attention;

/// <summary>Options of the policy `l2norm`.</summary>
public sealed record L2NormOptions
{
    /// <summary>Sinks, window and where remembered keys stand.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Share of the remembered keys that is kept, rounded up to whole keys.</summary>
    /// <value>Above 0, at most 1. Default 0.5.</value>
    public float Ratio { get; init; } = 0.5f;

    /// <summary>Keys kept per KV head at most, whatever <see cref="Ratio"/> says.</summary>
    /// <value>Tokens, 1 to 1,048,576. Default 1,024.</value>
    public int Tokens { get; init; } = 1024;

    /// <summary>First layers that keep everything: there small norms do not go with attention.</summary>
    /// <value>Layers, 0 to 1,024. Default 2.</value>
    public int WholeLayers { get; init; } = 2;

    /// <summary>How those layers read what stands at one constant distance.</summary>
    /// <value>Default <see cref="DistantReading.Selected"/>.</value>
    public DistantReading Beyond { get; init; }

    internal static L2NormOptions From(PolicyArguments arguments)
    {
        L2NormOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 4096),
            Ratio = arguments.Number("ratio", defaults.Ratio),
            Tokens = arguments.Int("tokens", defaults.Tokens),
            WholeLayers = arguments.Int("whole", defaults.WholeLayers),
            Beyond = arguments.Choice("beyond", defaults.Beyond),
        };
    }

    /// <summary>Keys kept of a number of remembered ones.</summary>
    internal int Kept(int remembered) => Math.Min((int)Math.Ceiling(Math.Round(Ratio * (double)remembered, 3)), Tokens);

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Ratio is not (> 0 and <= 1))
            yield return $"ratio is {Ratio}; it must be above 0 and at most 1.";
        if (Tokens is < 1 or > 1 << 20)
            yield return $"tokens is {Tokens}; it must be 1 to 1048576.";
        if (WholeLayers is < 0 or > 1024)
            yield return $"whole is {WholeLayers}; it must be 0 to 1024.";
    }

    internal string Fingerprint => FormattableString.Invariant($"l2norm/1;{Memory.Fingerprint};{Ratio:R},{Tokens},{WholeLayers},{Beyond};{WholeMemory.SelectionFingerprint}");
}
