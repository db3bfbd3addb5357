namespace Orleans.Runtime;

/// <summary>Times out callers. One list in order of deadline and one timer serve all calls.</summary>
internal sealed class ResponseMonitor : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingCall> _calls = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _armed;

    public ResponseMonitor(TimeProvider time)
    {
        _time = time;
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(static state => ((ResponseMonitor)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(PendingCall call)
    {
        call.Monitor = this;
        call.Deadline = _time.GetTimestamp() + (long)(call.Timeout.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            // Nearly always the last: deadlines grow unless a method has a timeout of its own.
            LinkedListNode<PendingCall>? before = _calls.Last;
            while (before is not null && before.Value.Deadline > call.Deadline)
                before = before.Previous;
            call.Node = before is null ? _calls.AddFirst(call) : _calls.AddAfter(before, call);
            if (!_armed || before is null)
                Arm_NeedsLock(call.Timeout);
        }
    }

    public void Remove(PendingCall call)
    {
        lock (_gate)
        {
            if (call.Node?.List is not null)
                _calls.Remove(call.Node);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Arm_NeedsLock(TimeSpan due)
    {
        _armed = true;
        _timer.Change(due < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        List<PendingCall> expired = [];
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            while (_calls.First is { } first && first.Value.Deadline <= now)
            {
                expired.Add(first.Value);
                _calls.RemoveFirst();
            }

            _armed = false;
            if (_calls.First is { } next)
                Arm_NeedsLock(TimeSpan.FromSeconds((next.Value.Deadline - now) / (double)_time.TimestampFrequency));
        }

        foreach (PendingCall call in expired)
            MessageSender.OnTimeout(call);
    }
}
