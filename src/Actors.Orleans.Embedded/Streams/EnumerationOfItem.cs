namespace Orleans.Runtime;

internal sealed class Enumeration<T> : Enumeration
{
    private readonly IAsyncEnumerator<T> _items;
    private readonly Activation _activation;
    private readonly CancellationTokenSource _cancellation;
    private readonly CancellationTokenRegistration _callerCancels;
    private readonly int _maxBatchSize;
    private readonly bool _sharesItems = DeepCopier.IsShared(typeof(T));
    private Task<bool>? _moving;

    public Enumeration(
        IAsyncEnumerator<T> items, Activation activation, CancellationTokenSource cancellation, int maxBatchSize, CancellationToken callerToken)
    {
        _items = items;
        _activation = activation;
        _cancellation = cancellation;
        _maxBatchSize = maxBatchSize;
        // The grain sees the cancellation in a turn of its own, even while nobody pulls.
        _callerCancels = callerToken.UnsafeRegister(
            static state => ((Enumeration<T>)state!)._activation.Scheduler.Post(static s => ((Enumeration<T>)s!).Cancel(), state), this);
    }

    public override async ValueTask<(EnumerationResult Status, object? Value)> PullAsync(CancellationToken ct)
    {
        WasUsed = true;
        if (_moving is null)
        {
            T? single = default;
            List<T>? batch = null;
            int count = 0;
            while (true)
            {
                ValueTask<bool> moving = _items.MoveNextAsync();
                if (!moving.IsCompletedSuccessfully)
                {
                    _moving = moving.AsTask();
                    break;
                }

                if (!await moving)
                    return (EnumerationResult.Completed | StatusOf(count), batch is null && count == 1 ? single : batch);
                T item = CurrentCopy();
                if (count == 0)
                    single = item;
                else
                    (batch ??= [single!]).Add(item);
                if (++count >= _maxBatchSize)
                    break;
            }

            if (count != 0)
                return (StatusOf(count), batch is null ? single : batch);
        }

        return await WaitAsync(_moving!, ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await _callerCancels.DisposeAsync();
        Cancel();
        try
        {
            using var timeout = new CancellationTokenSource(_activation.Runtime.Messaging.ResponseTimeout, _activation.Runtime.Time);
            if (_moving is not null)
                await ((Task)_moving).WaitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (_moving is null or { IsCompleted: true })
                await _items.DisposeAsync().AsTask().WaitAsync(timeout.Token);
        }
        catch (Exception e)
        {
            SiloLog.EnumeratorDisposalFailed(_activation.Runtime.Logger, e, _activation.GrainId);
        }
    }

    private static EnumerationResult StatusOf(int count) => count switch
    {
        0 => 0,
        1 => EnumerationResult.Element,
        _ => EnumerationResult.Batch,
    };

    private async ValueTask<(EnumerationResult Status, object? Value)> WaitAsync(Task<bool> moving, CancellationToken ct)
    {
        IsBusy = true;
        if (!moving.IsCompleted)
        {
            using var heartbeat = new CancellationTokenSource(_activation.Runtime.Messaging.ResponseTimeout / 2, _activation.Runtime.Time);
            using CancellationTokenRegistration linked = ct.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), heartbeat);
            await ((Task)moving).WaitAsync(heartbeat.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        IsBusy = false;
        WasUsed = true;
        if (!moving.IsCompleted)
            return (ct.IsCancellationRequested ? EnumerationResult.Canceled : EnumerationResult.Heartbeat, null);
        _moving = null;
        try
        {
            return await moving ? (EnumerationResult.Element, CurrentCopy()) : (EnumerationResult.Completed, null);
        }
        catch (OperationCanceledException) when (moving.IsCanceled)
        {
            return (EnumerationResult.Canceled, null);
        }
    }

    private T CurrentCopy() => _sharesItems ? _items.Current : (T)_activation.Runtime.Copier.Copy(_items.Current)!;

    private void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException e)
        {
            SiloLog.EnumeratorDisposalFailed(_activation.Runtime.Logger, e, _activation.GrainId);
        }
    }
}
