namespace Actors.Attention;

/// <summary>Options of the policy `retrieval`.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Sinks, window and where the memory stands.</summary>
    /// <value>In specs the paper's 128 sinks and 512 window tokens, less for models trained on short contexts.</value>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Keys that each query head reads of the memory.</summary>
    /// <value>Keys, 1 to 65,536. Default 100; the paper reads 2,000 of 131,072 keys of a far larger model.</value>
    public int Tokens { get; init; } = 100;

    /// <summary>How they are found.</summary>
    /// <value>One of <see cref="KeyIndexes.Names"/>. Default `bounds`.</value>
    public string Index { get; init; } = "bounds";

    /// <summary>Positions from one query to the next of those that the index `graph` learns from; others need none.</summary>
    /// <value>Tokens, 0 for none to 65,536. Default 64.</value>
    public int Learn { get; init; } = 64;

    /// <summary>Knobs of the index.</summary>
    /// <value>A walk of the graph is 100 nodes wide unless said otherwise.</value>
    public KeyIndexOptions IndexOptions { get; init; } = KeyIndexOptions.Default with { GraphQueue = 100 };

    internal string Fingerprint => $"{Memory.Fingerprint};{Tokens},{Learn};{Index}{{{IndexOptions}}}";

    internal static RetrievalOptions From(PolicyArguments arguments)
    {
        RetrievalOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 128, 512),
            Tokens = arguments.Int("tokens", defaults.Tokens),
            Index = arguments.Text("index") ?? defaults.Index,
            Learn = arguments.Int("learn", defaults.Learn),
            IndexOptions = defaults.IndexOptions with
            {
                GraphQueue = arguments.Int("queue", defaults.IndexOptions.GraphQueue),
                BoundsGroups = arguments.Int("groups", defaults.IndexOptions.BoundsGroups),
                BoundsOpened = arguments.Int("nodes", defaults.IndexOptions.BoundsOpened),
                GraphDegree = arguments.Int("degree", KeyIndexOptions.Default.GraphDegree),
                OpenedShare = arguments.Number("opened", KeyIndexOptions.Default.OpenedShare),
            },
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Tokens is < 1 or > 65536)
            yield return $"tokens is {Tokens}; it must be 1 to 65536.";
        if (Learn is < 0 or > 65536)
            yield return $"learn is {Learn}; it must be 0 to 65536.";
        foreach (string failure in KeyIndexes.Failures(Index))
            yield return failure;
        foreach (string failure in IndexOptions.Failures())
            yield return failure;
    }
}
