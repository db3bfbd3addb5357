namespace Actors.Attention;

/// <summary>Options of the policy `iceformer`.</summary>
public sealed record IceFormerOptions
{
    /// <summary>Sinks, window and where the memory stands.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Keys that each query head reads of the memory.</summary>
    /// <value>Keys, 1 to 65,536. Default 20.</value>
    public int Tokens { get; init; } = 20;

    /// <summary>Knobs of the index `dci`.</summary>
    public KeyIndexOptions IndexOptions { get; init; } = KeyIndexOptions.Default;

    internal string Fingerprint => $"{Memory.Fingerprint};{Tokens};{{{IndexOptions}}}";

    internal static IceFormerOptions From(PolicyArguments arguments)
    {
        KeyIndexOptions index = KeyIndexOptions.Default;
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 512),
            Tokens = arguments.Int("tokens", new IceFormerOptions().Tokens),
            IndexOptions = index with
            {
                DciLevels = arguments.Int("levels", index.DciLevels),
                DciComposite = arguments.Int("composite", index.DciComposite),
                DciSimple = arguments.Int("simple", index.DciSimple),
                DciShare = arguments.Number("proposed", index.DciShare),
                DciField = arguments.Int("field", index.DciField),
            },
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Tokens is < 1 or > 65536)
            yield return $"tokens is {Tokens}; it must be 1 to 65536.";
        foreach (string failure in IndexOptions.Failures())
            yield return failure;
    }
}
