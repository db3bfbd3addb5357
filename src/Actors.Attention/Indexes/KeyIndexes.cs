namespace Actors.Attention;

/// <summary>The key indexes by name.</summary>
public static class KeyIndexes
{
    /// <summary>Largest head dimension of an index.</summary>
    public const int MaxHeadDim = 1024;

    private static readonly string[] FaissNames = ["faiss-hnsw", "faiss-ivf", "faiss-pq"];

    /// <summary>Names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["flat", "clusters", "graph", "bounds", "dci", .. FaissNames];

    /// <summary>The names that can be used in this process: all, or those without FAISS.</summary>
    public static IReadOnlyList<string> Available => [.. Names.Where(name => FaissAbsence is null || !FaissNames.Contains(name))];

    /// <summary>Why the names that begin with `faiss-` cannot be used here and what to do about it; null when they can.</summary>
    public static string? FaissAbsence => FaissLibrary.Absence;

    internal static IEnumerable<string> Failures(string kind)
    {
        if (!Names.Contains(kind))
            yield return $"index is '{kind}'; it must be one of {string.Join(", ", Names)}.";
        else if (!Available.Contains(kind))
            yield return $"index is '{kind}', which cannot be used here: {FaissAbsence}";
    }

    /// <summary>Makes an empty index.</summary>
    /// <param name="kind">One of <see cref="Names"/>.</param>
    /// <param name="headDim">Elements per key, 1 to <see cref="MaxHeadDim"/>.</param>
    /// <param name="options">Knobs; each kind reads its own.</param>
    /// <returns>The index; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An unknown kind, a head dimension or options out of range, or FAISS asked for where it is absent.</exception>
    /// <exception cref="InvalidOperationException">FAISS refused; the message says what it said.</exception>
    public static IKeyIndex Create(string kind, int headDim, KeyIndexOptions options)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(options);
        if (headDim is < 1 or > MaxHeadDim)
            throw new ArgumentOutOfRangeException(nameof(headDim), headDim, $"A key has 1 to {MaxHeadDim} elements; check head_dim of the checkpoint.");
        string failures = string.Join(" ", options.Failures());
        if (failures.Length > 0)
            throw new ArgumentException($"The options of the key index '{kind}' are out of range: {failures}", nameof(options));
        return kind switch
        {
            "flat" => new FlatIndex(headDim),
            "clusters" => new ClusterIndex(headDim, options),
            "graph" => new GraphIndex(headDim, options),
            "bounds" => new BoundsIndex(headDim, options),
            "dci" => new DciIndex(headDim, options),
            _ when FaissNames.Contains(kind) => new FaissIndex(kind, headDim, options),
            _ => throw new ArgumentException($"There is no key index '{kind}'; use one of {string.Join(", ", Names)}.", nameof(kind)),
        };
    }
}
