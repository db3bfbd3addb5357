using System.Threading.Channels;
using Actors.Attention;

namespace Actors.Engine;

/// <summary>
/// A turn inside the engine. The step thread owns everything except the event queue, the cancel flag and <see cref="Released"/>, which
/// connect it to the one reader.
/// </summary>
internal sealed class Turn(EngineSequence sequence, EngineTurn request, TurnOutput? output, int eventCapacity, Action wake, bool inlineReader)
{
    // Not bounded by itself: the scheduler leaves a turn out while its reader is behind, so a step's last events always fit.
    private readonly Channel<EngineEvent> _events = Channel.CreateUnbounded<EngineEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = inlineReader });

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unread;
    private volatile bool _cancelRequested;

    public EngineSequence Sequence { get; } = sequence;

    public EngineTurn Request { get; } = request;

    /// <summary>Sampler, decoder and stop rules; null when the turn generates nothing.</summary>
    public TurnOutput? Output { get; } = output;

    /// <summary>Records what is read for the turn's tokens; null when it asks for no receipts.</summary>
    public AttentionTrace? Trace { get; init; }

    /// <summary>Where the turn stands and what it has cost.</summary>
    public TurnProgress Progress { get; } = new();

    public bool CancelRequested => _cancelRequested;

    /// <summary>False while the reader is <c>eventCapacity</c> events behind: then the turn stays out of steps.</summary>
    public bool ReaderHasRoom => Volatile.Read(ref _unread) < eventCapacity;

    /// <summary>Completes when the step thread no longer touches the sequence.</summary>
    public Task Released => _released.Task;

    public ChannelReader<EngineEvent> Events => _events.Reader;

    public void Emit(EngineEvent item)
    {
        Interlocked.Increment(ref _unread);
        _events.Writer.TryWrite(item);
    }

    /// <summary>Takes the next event; called by the reader.</summary>
    public bool TryTake(out EngineEvent? item)
    {
        if (!_events.Reader.TryRead(out item))
            return false;
        if (Interlocked.Decrement(ref _unread) == eventCapacity - 1)
            wake();
        return true;
    }

    /// <summary>Asks the step thread to let go of the turn; it does so before its next step.</summary>
    public void Cancel()
    {
        if (_cancelRequested)
            return;
        _cancelRequested = true;
        wake();
    }

    /// <summary>Ends the turn; called by the step thread once, as its last touch.</summary>
    public void Release(Exception? error)
    {
        _events.Writer.TryComplete(error);
        _released.TrySetResult();
    }

    /// <summary>Takes what the reader will never see and returns how many generated tokens were in it. Called after <see cref="Released"/>.</summary>
    public int DropUnread()
    {
        int tokens = 0;
        while (_events.Reader.TryRead(out EngineEvent? item))
        {
            if (item is EngineEvent.Token)
                tokens++;
        }
        return tokens;
    }
}
