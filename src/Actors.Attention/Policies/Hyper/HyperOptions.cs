namespace Actors.Attention;

/// <summary>Options of the prefill policy `hyper`.</summary>
public sealed record HyperOptions
{
    /// <summary>Sinks, window, and where the keys between them stand.</summary>
    /// <value>Default: 16 sinks, a window of 512 tokens, less for models trained on little.</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Keys of a block of the sorted order, which a query reads exactly.</summary>
    /// <value>16 to 1,048,576. Default 256.</value>
    public int BlockTokens { get; init; } = 256;

    /// <summary>Keys drawn from all, each standing for as many as it was drawn from.</summary>
    /// <value>0 to 1,048,576. Default 256.</value>
    public int Samples { get; init; } = 256;

    /// <summary>A memory shorter than this is read exactly.</summary>
    /// <value>Tokens, 0 to 1,048,576. Default 4,096.</value>
    public int Minimum { get; init; } = 4096;

    /// <summary>Layers before this one read everything.</summary>
    /// <value>0 to 1,024. Default 0.</value>
    public int FirstLayer { get; init; }

    internal string Fingerprint => $"{Memory.Fingerprint};{BlockTokens},{Samples},{Minimum},{FirstLayer}";

    internal static HyperOptions From(PolicyArguments arguments) => new()
    {
        Memory = MemoryOptions.From(arguments, 16, 512),
        BlockTokens = arguments.Int("block", 256),
        Samples = arguments.Int("samples", 256),
        Minimum = arguments.Int("minimum", 4096),
        FirstLayer = arguments.Int("from", 0),
    };

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (BlockTokens is < 16 or > 1 << 20)
            yield return $"block is {BlockTokens}; it must be 16 to 1048576.";
        if (Samples is < 0 or > 1 << 20)
            yield return $"samples is {Samples}; it must be 0 to 1048576.";
        if (Minimum is < 0 or > 1 << 20)
            yield return $"minimum is {Minimum}; it must be 0 to 1048576.";
        if (FirstLayer is < 0 or > 1024)
            yield return $"from is {FirstLayer}; it must be 0 to 1024.";
    }
}
