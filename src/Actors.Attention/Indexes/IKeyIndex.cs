namespace Actors.Attention;

/// <summary>The keys of one (layer, KV head), found by inner product with a query.</summary>
/// <remarks>
/// One writer. Any number of readers may <see cref="Search"/> between the writer's calls, each with a scratch of its own. Equal calls in an equal
/// order give equal results, on any number of threads. An index holds its own copy of the keys and keeps no reference to a caller's memory.
/// </remarks>
public interface IKeyIndex : IDisposable
{
    /// <summary>Name that <see cref="KeyIndexes.Create"/> made it by.</summary>
    string Kind { get; }

    /// <summary>Keys in the index. Their ids are 0, 1, ... in the order of arrival.</summary>
    int Count { get; }

    /// <summary>Resident bytes of keys and structure.</summary>
    long Bytes { get; }

    /// <summary>Adds keys behind those that are there.</summary>
    /// <param name="keys">[n, headDim], magnitudes up to 1e17; n may be 0.</param>
    /// <exception cref="ArgumentException">Not whole keys, or a number that is not finite or too large; nothing was added then.</exception>
    void Append(ReadOnlySpan<float> keys);

    /// <summary>Shows sample queries, such as those of the prefill: `graph` builds its edges for them; the others ignore them.</summary>
    /// <param name="queries">[n, headDim], magnitudes up to 1e17; n may be 0.</param>
    /// <exception cref="ArgumentException">Not whole queries, or a number that is not finite or too large.</exception>
    void Learn(ReadOnlySpan<float> queries);

    /// <summary>Forgets the keys from an id on. What is left answers as if it had never seen them, where the kind says so.</summary>
    /// <param name="count">Keys to keep; nothing happens when there are no more than that.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    void Truncate(int count);

    /// <summary>Finds keys with large inner products, best first; among equal scores the earlier key.</summary>
    /// <param name="query">[headDim], magnitudes up to 1e17.</param>
    /// <param name="count">Keys wanted, 0 or more.</param>
    /// <param name="ids">Written; at least min(<paramref name="count"/>, <see cref="Count"/>) long.</param>
    /// <param name="scores">Inner product of the query and each found key; as long as <paramref name="ids"/>.</param>
    /// <param name="scratch">The calling worker's own; its counter says how much was compared.</param>
    /// <returns>Keys found: min(count, Count), or fewer when the kind is approximate and reached no more.</returns>
    /// <exception cref="ArgumentException">A query of another length or with a number that is not finite or too large, or spans that are too short.</exception>
    int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch);
}
