using Actors.KvCache;

namespace Actors.Engine;

/// <summary>
/// Watches turns that wait for room in the page pool: wakes the step thread when room may have appeared, and says which turn has to give up
/// when none came for too long. Owned by the step thread.
/// </summary>
internal sealed class RoomWatch : IDisposable
{
    private readonly PagePool _pool;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly ITimer _timer;
    private Task _current = Task.CompletedTask;
    private Task _watched = Task.CompletedTask;

    public RoomWatch(PagePool pool, TimeSpan patience, TimeProvider time, Action wake)
    {
        (_pool, _patience, _time, _wake) = (pool, patience, time, wake);
        _timer = time.CreateTimer(static state => ((Action)state!)(), wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Remembers the pool's state before anything is reserved, so that room which appears meanwhile is noticed.</summary>
    public void BeforePlan() => _current = _pool.RoomChanged;

    /// <summary>Takes note of the turns that found no room.</summary>
    /// <returns>The turn that has to give up now: of those that waited too long the one that was accepted last. Null for none.</returns>
    public Turn? AfterPlan(List<Turn> withoutRoom)
    {
        if (withoutRoom.Count == 0)
            return null;
        if (!ReferenceEquals(_current, _watched))
        {
            _watched = _current;
            _current.ContinueWith(
                static (_, wake) => ((Action)wake!)(), _wake, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _timer.Change(_patience, Timeout.InfiniteTimeSpan);
        }
        long now = _time.GetTimestamp();
        Turn? last = null;
        foreach (Turn turn in withoutRoom)
        {
            long since = turn.Progress.WithoutRoomSince ??= now;
            if (_time.GetElapsedTime(since, now) >= _patience && (last is null || turn.Progress.AcceptedAt > last.Progress.AcceptedAt))
                last = turn;
        }
        if (last is not null)
        {
            // The others get the chance to use what the failed turn's owner releases.
            foreach (Turn turn in withoutRoom)
                turn.Progress.WithoutRoomSince = now;
            _timer.Change(_patience, Timeout.InfiniteTimeSpan);
        }
        return last;
    }

    public void Dispose() => _timer.Dispose();
}
