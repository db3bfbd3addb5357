using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>How the two ends of a streaming result speak. Pulls interleave with the calls of the grain.</summary>
internal interface IAsyncEnumerableGrainExtension : IGrainExtension
{
    /// <summary>Starts the sequence and gives its first items.</summary>
    [AlwaysInterleave]
    ValueTask<(EnumerationResult Status, object? Value)> StartEnumeration(Guid requestId, AsyncEnumerableRequest request, CancellationToken cancellationToken);

    /// <summary>Gives the next items.</summary>
    [AlwaysInterleave]
    ValueTask<(EnumerationResult Status, object? Value)> MoveNext(Guid requestId, CancellationToken cancellationToken);

    /// <summary>Ends the sequence.</summary>
    [AlwaysInterleave]
    ValueTask DisposeAsync(Guid requestId);
}
