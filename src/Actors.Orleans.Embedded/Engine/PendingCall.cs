namespace Orleans.Runtime;

/// <summary>A caller that waits for a response: until response, cancellation or timeout, whichever is first.</summary>
internal abstract class PendingCall
{
    private int _completed;

    public Message Message { get; set; } = null!;

    public long Deadline { get; set; }

    public TimeSpan Timeout { get; set; }

    public LinkedListNode<PendingCall>? Node { get; set; }

    public CancellationTokenRegistration Registration { get; set; }

    public ResponseMonitor Monitor { get; set; } = null!;

    public bool IsCompleted => Volatile.Read(ref _completed) != 0;

    public void Complete(object? result)
    {
        if (TryClose())
            SetResult(result);
    }

    public bool Fail(Exception exception)
    {
        if (!TryClose())
            return false;
        SetException(exception);
        return true;
    }

    protected abstract void SetResult(object? result);

    protected abstract void SetException(Exception exception);

    private bool TryClose()
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
            return false;
        Monitor.Remove(this);
        Registration.Unregister();
        return true;
    }
}
