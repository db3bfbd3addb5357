namespace Actors.Attention;

/// <summary>Options of the policy `extended-mind`.</summary>
public sealed record ExtendedMindOptions
{
    /// <summary>Sinks and window; the memory always stands un-roped at one distance.</summary>
    public MemoryOptions Memory { get; init; } = new() { Placement = MemoryPlacement.Constant };

    /// <summary>Keys that each query head reads of the memory.</summary>
    /// <value>Keys, 1 to 65,536. Default 10.</value>
    public int Tokens { get; init; } = 10;

    /// <summary>Keys whose cosine with the query is smaller are not read.</summary>
    /// <value>-1, which reads all, to 1. Default -1; the paper's mask is 0.25.</value>
    public float Mask { get; init; } = -1;

    /// <summary>How they are found.</summary>
    /// <value>One of <see cref="KeyIndexes.Names"/>. Default `flat`, which is exact.</value>
    public string Index { get; init; } = "flat";

    internal string Fingerprint => FormattableString.Invariant($"{Memory.Fingerprint};{Tokens},{Mask};{Index}{{{KeyIndexOptions.Default}}}");

    internal static ExtendedMindOptions From(PolicyArguments arguments)
    {
        ExtendedMindOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 4096) with { Placement = arguments.Choice("positions", MemoryPlacement.Constant) },
            Tokens = arguments.Int("tokens", defaults.Tokens),
            Mask = arguments.Number("mask", defaults.Mask),
            Index = arguments.Text("index") ?? defaults.Index,
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Tokens is < 1 or > 65536)
            yield return $"tokens is {Tokens}; it must be 1 to 65536.";
        if (!(Mask is >= -1 and <= 1))
            yield return FormattableString.Invariant($"mask is {Mask}; it must be -1 to 1.");
        foreach (string failure in KeyIndexes.Failures(Index))
            yield return failure;
    }
}
