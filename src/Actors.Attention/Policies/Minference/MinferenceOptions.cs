namespace Actors.Attention;

/// <summary>Options of the prefill policy `minference`.</summary>
public sealed record MinferenceOptions
{
    /// <summary>Sinks, window, and where the keys between them stand.</summary>
    /// <value>Default: 32 sinks, a window of 512 tokens, both less for models trained on little.</value>
    public MemoryOptions Memory { get; init; } = new() { SinkTokens = 32 };

    /// <summary>Single keys that all queries of a chunk read.</summary>
    /// <value>0 to 1,048,576, null for a 32nd of the context, 64 to 1,000. Default null.</value>
    public int? Columns { get; init; }

    /// <summary>Distances at which queries read, in bands of 16.</summary>
    /// <value>0 to 1,048,576, null for a 16th of the context, 128 to 6,096. Default null.</value>
    public int? Slashes { get; init; }

    /// <summary>Last queries of a chunk that choose for all.</summary>
    /// <value>1 to 512. Default 64.</value>
    public int Queries { get; init; } = 64;

    internal int ColumnsOf(int tokens) => Columns ?? Math.Clamp(tokens / 32, 64, 1000);

    internal int SlashesOf(int tokens) => Slashes ?? Math.Clamp(tokens / 16, 128, 6096);

    internal string Fingerprint => $"{Memory.Fingerprint};{Columns},{Slashes},{Queries}";

    internal static MinferenceOptions From(PolicyArguments arguments) => new()
    {
        Memory = MemoryOptions.From(arguments, 32, 512),
        Columns = arguments.Text("columns") is null ? null : arguments.Int("columns", 0),
        Slashes = arguments.Text("slashes") is null ? null : arguments.Int("slashes", 0),
        Queries = arguments.Int("queries", 64),
    };

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Columns is < 0 or > 1 << 20)
            yield return $"columns is {Columns}; it must be 0 to 1048576.";
        if (Slashes is < 0 or > 1 << 20)
            yield return $"slashes is {Slashes}; it must be 0 to 1048576.";
        if (Queries is < 1 or > 512)
            yield return $"queries is {Queries}; it must be 1 to 512.";
    }
}
