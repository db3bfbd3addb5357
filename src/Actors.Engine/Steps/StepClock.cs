namespace Actors.Engine;

/// <summary>The parts of a step that are timed.</summary>
internal enum StepPhase
{
    Pre,
    Write,
    Attention,
    Post,
    Head,
    Sample,
}

/// <summary>Adds up where the time of steps goes. Written by the step thread, read by anyone: a reader may see a step half counted.</summary>
internal sealed class StepClock(TimeProvider time)
{
    private readonly long[] _ticks = new long[Enum.GetValues<StepPhase>().Length];
    private long _last;

    public void Start() => _last = time.GetTimestamp();

    /// <summary>Counts the time since the last call for <paramref name="phase"/>.</summary>
    public void Lap(StepPhase phase)
    {
        long now = time.GetTimestamp();
        Volatile.Write(ref _ticks[(int)phase], _ticks[(int)phase] + now - _last);
        _last = now;
    }

    public TimeSpan Read(StepPhase phase) => time.GetElapsedTime(0, Volatile.Read(ref _ticks[(int)phase]));
}
