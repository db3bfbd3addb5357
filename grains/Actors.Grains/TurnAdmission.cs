using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>
/// Bounds the turns that are under way in a silo. A turn is refused here, before its input is written, so that a refusal never leaves half
/// of a turn behind. Thread-safe.
/// </summary>
/// <param name="options">Says how many turns are let in.</param>
public sealed class TurnAdmission(SessionGrainOptions options)
{
    private int _running;

    /// <summary>Turns under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Lets a turn in.</summary>
    /// <returns>Give it back by disposing it when the turn is over.</returns>
    /// <exception cref="SessionException">As many turns as allowed are under way (<see cref="SessionErrorCode.Busy"/>).</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _running) <= options.MaxTurns) return new Place(this);

        Interlocked.Decrement(ref _running);
        throw new SessionException(
            SessionErrorCode.Busy, $"{options.MaxTurns} turns are under way, which is all that this server takes on. Try again shortly.");
    }

    private sealed class Place(TurnAdmission owner) : IDisposable
    {
        private TurnAdmission? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } admission) Interlocked.Decrement(ref admission._running);
        }
    }
}
