using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A timer whose ticks arrive as messages of its own activation; the next is timed when the last has ended.</summary>
internal sealed class GrainTimer : Request, IGrainTimer
{
    private static readonly MethodInfo TickMethod = typeof(IGrainTimerInvoker).GetMethod(nameof(IGrainTimerInvoker.InvokeCallbackAsync))!;
    private static readonly GrainInterfaceType TickInterface = GrainMethod.NameOf(typeof(IGrainTimerInvoker));
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _firing;
    private bool _changed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Runtime.Time.CreateTimer(
                static state => ((GrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The method that filters see for a tick.</summary>
    internal interface IGrainTimerInvoker : IAddressable
    {
        Task InvokeCallbackAsync();
    }

    public override GrainInterfaceType InterfaceType => TickInterface;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        lock (_gate)
        {
            _changed = true;
            _dueTime = dueTime;
            _period = period;
            if (!_firing && !_disposed.IsCancellationRequested)
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _timer.Dispose();
        _activation.OnTimerDisposed(this);
    }

    public override async ValueTask<object?> InvokeAsync(object target)
    {
        if (_disposed.IsCancellationRequested)
            return null;
        _changed = false;
        try
        {
            await _callback(_disposed.Token);
        }
        finally
        {
            lock (_gate)
            {
                _firing = false;
                if (!_disposed.IsCancellationRequested)
                    _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
            }
        }

        return null;
    }

    public override MethodInfo GetMethod() => TickMethod;

    public override int GetArgumentCount() => 0;

    public override object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, "A timer tick has no arguments.");

    public override void SetArgument(int index, object? value) =>
        throw new ArgumentOutOfRangeException(nameof(index), index, "A timer tick has no arguments.");

    private static void Validate(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, time, "A timer's time must not be negative, except Timeout.InfiniteTimeSpan.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time.TotalMilliseconds, uint.MaxValue - 1d, name);
    }

    private void Fire()
    {
        lock (_gate)
            _firing = true;
        _activation.Receive(new Message(this, _activation.GrainId)
        {
            Source = _activation.GrainId,
            IsOneWay = true,
            IsLocalOnly = true,
            IsAlwaysInterleave = _options.Interleave,
            KeepsAlive = _options.KeepAlive,
        });
    }
}
