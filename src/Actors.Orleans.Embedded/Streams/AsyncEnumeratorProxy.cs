namespace Orleans.Runtime;

/// <summary>The caller's end of a streaming result: pulls batches and gives their items.</summary>
internal sealed class AsyncEnumeratorProxy<T> : IAsyncEnumerator<T>
{
    private readonly AsyncEnumerableRequest<T> _request;
    private readonly IAsyncEnumerableGrainExtension _target;
    private readonly CancellationTokenSource? _linked;
    private readonly CancellationToken _cancellation;
    private readonly Guid _id = Guid.NewGuid();
    private EnumerationResult _status;
    private object? _value;
    private int _index;
    private bool _started;
    private bool _disposed;

    public AsyncEnumeratorProxy(AsyncEnumerableRequest<T> request, CancellationToken ct)
    {
        _request = request;
        _target = request.Reference.AsReference<IAsyncEnumerableGrainExtension>();
        CancellationToken argument = request.CallerToken;
        if (argument.CanBeCanceled && ct.CanBeCanceled && argument != ct)
            _linked = CancellationTokenSource.CreateLinkedTokenSource(argument, ct);
        _cancellation = _linked?.Token ?? (ct.CanBeCanceled ? ct : argument);
    }

    public T Current
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_status.HasFlag(EnumerationResult.Batch))
                return ((List<T>)_value!)[_index];
            return _status.HasFlag(EnumerationResult.Element)
                ? (T)_value!
                : throw new InvalidOperationException("The enumerator has no current item: it has not started or has ended.");
        }
    }

    public async ValueTask<bool> MoveNextAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_status.HasFlag(EnumerationResult.Batch) && ++_index < ((List<T>)_value!).Count)
            return true;
        if (_status.HasFlag(EnumerationResult.Completed))
            return false;
        bool open = _started;
        try
        {
            do
            {
                _cancellation.ThrowIfCancellationRequested();
                bool first = !_started;
                open = _started = true;
                (_status, _value) = first
                    ? await _target.StartEnumeration(_id, _request, _cancellation)
                    : await _target.MoveNext(_id, _cancellation);
                open = (_status & (EnumerationResult.Element | EnumerationResult.Batch | EnumerationResult.Heartbeat)) != 0
                    && !_status.HasFlag(EnumerationResult.Completed);
                ThrowIfFailed();
            }
            while (_status == EnumerationResult.Heartbeat);
        }
        catch when (open)
        {
            await DisposeRemoteAsync();
            throw;
        }

        _index = 0;
        return (_status & (EnumerationResult.Element | EnumerationResult.Batch)) != 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_started && !_status.HasFlag(EnumerationResult.Completed))
            await DisposeRemoteAsync();
        _linked?.Dispose();
    }

    private void ThrowIfFailed()
    {
        if (_status == EnumerationResult.Error)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw((Exception)_value!);
        if (_status == EnumerationResult.Canceled)
            throw new OperationCanceledException(_cancellation.IsCancellationRequested ? _cancellation : default);
        if (_status == EnumerationResult.MissingEnumeratorError)
        {
            throw new EnumerationAbortedException(
                $"Grain {_request.Reference.GrainId} no longer has this enumerator: nobody pulled it for the response timeout, or the grain was deactivated.");
        }
    }

    private async ValueTask DisposeRemoteAsync()
    {
        try
        {
            await _target.DisposeAsync(_id);
        }
        catch (Exception e)
        {
            SiloLog.EnumeratorDisposalFailed(_request.Reference.Runtime.Logger, e, _request.Reference.GrainId);
        }
    }
}
