namespace Actors.Engine;

/// <summary>Wakes the step thread. A set signal is seen by the next or the current wait; it may be set at any time, also too late.</summary>
internal sealed class WakeSignal
{
    private readonly object _gate = new();
    private bool _set;

    public void Set()
    {
        lock (_gate)
        {
            _set = true;
            Monitor.Pulse(_gate);
        }
    }

    public void Wait()
    {
        lock (_gate)
        {
            while (!_set)
                Monitor.Wait(_gate);
            _set = false;
        }
    }
}
