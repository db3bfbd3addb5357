namespace Orleans.Runtime;

/// <summary>The open enumerations of one activation. One that nobody pulled for a whole response timeout is ended.</summary>
internal sealed class EnumeratorTable : IAsyncEnumerableGrainExtension, IAsyncDisposable
{
    private readonly Dictionary<Guid, Enumeration> _open = [];
    private readonly Activation _activation;

    public EnumeratorTable(Activation activation)
    {
        _activation = activation;
        TimeSpan timeout = activation.Runtime.Messaging.ResponseTimeout;
        activation.RegisterTimer(_ => EndAbandonedAsync(), new GrainTimerCreationOptions(timeout, timeout) { Interleave = true });
    }

    public ValueTask<(EnumerationResult Status, object? Value)> StartEnumeration(
        Guid requestId, AsyncEnumerableRequest request, CancellationToken cancellationToken)
    {
        Enumeration enumeration = request.Start(_activation);
        _open.Add(requestId, enumeration);
        return PullAsync(requestId, enumeration, cancellationToken);
    }

    public ValueTask<(EnumerationResult Status, object? Value)> MoveNext(Guid requestId, CancellationToken cancellationToken) =>
        _open.TryGetValue(requestId, out Enumeration? enumeration)
            ? PullAsync(requestId, enumeration, cancellationToken)
            : new((EnumerationResult.MissingEnumeratorError, null));

    public ValueTask DisposeAsync(Guid requestId) => _open.Remove(requestId, out Enumeration? enumeration) ? enumeration.DisposeAsync() : default;

    public async ValueTask DisposeAsync()
    {
        foreach (Guid id in _open.Keys.ToArray())
            await DisposeAsync(id);
    }

    private async ValueTask<(EnumerationResult Status, object? Value)> PullAsync(Guid id, Enumeration enumeration, CancellationToken ct)
    {
        (EnumerationResult Status, object? Value) result;
        try
        {
            result = await enumeration.PullAsync(ct);
        }
        catch (Exception e)
        {
            result = (EnumerationResult.Error, e);
        }

        if ((result.Status & (EnumerationResult.Completed | EnumerationResult.Error | EnumerationResult.Canceled)) != 0)
            await DisposeAsync(id);
        return result;
    }

    private async Task EndAbandonedAsync()
    {
        foreach ((Guid id, Enumeration enumeration) in _open.ToArray())
        {
            if (enumeration.WasUsed || enumeration.IsBusy)
                enumeration.WasUsed = false;
            else
                await DisposeAsync(id);
        }
    }
}
