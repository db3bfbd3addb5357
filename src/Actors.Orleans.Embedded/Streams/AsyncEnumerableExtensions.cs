namespace Orleans.Runtime;

/// <summary>Settings of streaming results.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>
    /// Sets how many items at most one reply carries (default 100). Items that are ready without waiting travel together.
    /// Does nothing for a sequence that did not come from a grain.
    /// </summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        if (self is AsyncEnumerableRequest<T> request)
            request.MaxBatchSize = maxBatchSize;
        return self;
    }
}
