namespace Actors.Attention;

/// <summary>Options of the policy `recycled`.</summary>
public sealed record RecycledOptions
{
    /// <summary>Sinks, window and where the memory stands.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Keys of the memory that the query heads of a KV head read together between full steps.</summary>
    /// <value>Keys, 1 to 65,536. Default 1,024; the paper's 4,096 include the window.</value>
    public int Tokens { get; init; } = 1024;

    /// <summary>Positions from one full step to the next.</summary>
    /// <value>Tokens, 1 to 65,536. Default 50.</value>
    public int Stride { get; init; } = 50;

    /// <summary>A full step comes sooner when the queries' cosine with those of the last one is smaller than this.</summary>
    /// <value>0, which never happens sooner, to 1. Default 0; the paper's dynamic schedule is 0.8.</value>
    public float Similarity { get; init; }

    /// <summary>Positions from one comparison of queries to the next.</summary>
    /// <value>Tokens, 1 to 65,536. Default 5.</value>
    public int Check { get; init; } = 5;

    internal string Fingerprint => FormattableString.Invariant($"{Memory.Fingerprint};{Tokens},{Stride},{Similarity:r},{Check}");

    internal static RecycledOptions From(PolicyArguments arguments)
    {
        RecycledOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 512),
            Tokens = arguments.Int("tokens", defaults.Tokens),
            Stride = arguments.Int("stride", defaults.Stride),
            Similarity = arguments.Number("similarity", defaults.Similarity),
            Check = arguments.Int("check", defaults.Check),
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (Tokens is < 1 or > 65536)
            yield return $"tokens is {Tokens}; it must be 1 to 65536.";
        if (Stride is < 1 or > 65536)
            yield return $"stride is {Stride}; it must be 1 to 65536.";
        if (!(Similarity is >= 0 and <= 1))
            yield return FormattableString.Invariant($"similarity is {Similarity}; it must be 0 to 1.");
        if (Check is < 1 or > 65536)
            yield return $"check is {Check}; it must be 1 to 65536.";
    }
}
