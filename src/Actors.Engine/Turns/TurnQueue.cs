namespace Actors.Engine;

/// <summary>Turns that wait for a place among the running ones, in order of arrival. Safe from any thread.</summary>
internal sealed class TurnQueue(EngineOptions options, EngineInstruments instruments, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<Turn> _waiting = [];
    private int _running;
    private double _turnSeconds = 1;
    private Exception? _closed;

    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    public int Running
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>Accepts a turn; its input becomes part of the sequence. Changes nothing when it throws.</summary>
    public void Enqueue(Turn turn)
    {
        lock (_lock)
        {
            if (_closed is not null)
                throw new EngineFaultException($"The engine takes no more turns: {_closed.Message}", _closed);
            if (_waiting.Count + _running >= options.QueueLimit + options.MaxSequencesPerStep)
            {
                instruments.CountTurn("refused");
                throw new EngineBusyException(
                    $"{_running} turns are running and {_waiting.Count} are waiting, the most that the engine takes. Send the turn again later.",
                    TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(_turnSeconds), 1, 60)));
            }
            turn.Progress.AcceptedAt = time.GetTimestamp();
            turn.Sequence.Accept(turn);
            _waiting.Enqueue(turn);
        }
    }

    /// <summary>Moves the longest waiting turn to the running ones, if there is one and there is a place.</summary>
    public bool TryStart(out Turn? turn)
    {
        lock (_lock)
        {
            turn = null;
            if (_running >= options.MaxSequencesPerStep || !_waiting.TryDequeue(out turn))
                return false;
            _running++;
            return true;
        }
    }

    /// <summary>Gives a running turn's place back and remembers how long it took.</summary>
    public void Finish(TimeSpan duration)
    {
        lock (_lock)
        {
            _running--;
            _turnSeconds += (duration.TotalSeconds - _turnSeconds) / 8;
        }
    }

    /// <summary>Gives a running turn's place back when the engine stops.</summary>
    public void Leave()
    {
        lock (_lock)
            _running--;
    }

    /// <summary>Takes the cancelled turns out of the queue.</summary>
    public void RemoveCancelled(List<Turn> removed)
    {
        lock (_lock)
        {
            for (int i = _waiting.Count; i > 0; i--)
            {
                Turn turn = _waiting.Dequeue();
                if (turn.CancelRequested)
                    removed.Add(turn);
                else
                    _waiting.Enqueue(turn);
            }
        }
    }

    /// <summary>Refuses turns from now on and returns those that waited.</summary>
    public IReadOnlyList<Turn> Close(Exception reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
            Turn[] waiting = [.. _waiting];
            _waiting.Clear();
            return waiting;
        }
    }
}
