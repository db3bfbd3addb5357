namespace Orleans.Runtime;

/// <summary>Fires one reminder at its start time plus multiples of its period. Ticks that were missed are not made up for.</summary>
internal sealed class LocalReminder : IDisposable
{
    // Timers cannot wait longer than 49 days; waiting in days also follows changes of the clock.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private readonly ReminderEntry _entry;
    private readonly SiloRuntime _runtime;
    private readonly IRemindable _grain;
    private readonly ITimer _timer;
    private DateTimeOffset _next;
    private volatile bool _disposed;

    public LocalReminder(ReminderEntry entry, SiloRuntime runtime, IRemindable grain)
    {
        _entry = entry;
        _runtime = runtime;
        _grain = grain;
        using (ExecutionContext.SuppressFlow())
            _timer = runtime.Time.CreateTimer(static state => ((LocalReminder)state!).OnTimerAsync().Ignore(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start()
    {
        DateTimeOffset now = _runtime.Time.GetUtcNow();
        var first = new DateTimeOffset(DateTime.SpecifyKind(_entry.StartAt, DateTimeKind.Utc));
        long missed = now <= first || _entry.Period <= TimeSpan.Zero ? 0 : (now - first).Ticks / _entry.Period.Ticks + 1;
        _next = first + TimeSpan.FromTicks(missed * _entry.Period.Ticks);
        Wait(now);
    }

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private void Wait(DateTimeOffset now)
    {
        TimeSpan wait = _next - now;
        wait = wait > LongestWait ? LongestWait : wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        if (!_disposed)
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private async Task OnTimerAsync()
    {
        DateTimeOffset now = _runtime.Time.GetUtcNow();
        if (now < _next)
        {
            Wait(now);
            return;
        }

        try
        {
            await _grain.ReceiveReminder(_entry.ReminderName, new TickStatus(_entry.StartAt, _entry.Period, now.UtcDateTime));
        }
        catch (Exception e)
        {
            SiloLog.ReminderFailed(_runtime.Logger, e, _entry.ReminderName, _entry.GrainId);
        }

        Start();
    }
}
