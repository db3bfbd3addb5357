namespace Orleans.Runtime;

internal sealed class PendingCall<T> : PendingCall
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    protected override void SetResult(object? result) => _source.TrySetResult((T)result!);

    protected override void SetException(Exception exception) => _source.TrySetException(exception);
}
