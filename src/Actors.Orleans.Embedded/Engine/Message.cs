namespace Orleans.Runtime;

/// <summary>A request on its way to an activation.</summary>
internal sealed class Message(Request request, GrainId target)
{
    private int _cancelRequested;

    public Request Request { get; } = request;

    public GrainId Target { get; } = target;

    public GrainId? Source { get; init; }

    public bool IsOneWay { get; init; }

    public bool IsReadOnly { get; init; }

    public bool IsAlwaysInterleave { get; init; }

    /// <summary>A timer tick: belongs to one activation and dies with it.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>Whether the idle collector counts it as use.</summary>
    public bool KeepsAlive { get; init; } = true;

    public Dictionary<string, object>? Context { get; init; }

    public Guid ReentrancyId { get; init; }

    /// <summary>The caller that waits; null when none does.</summary>
    public PendingCall? Caller { get; set; }

    /// <summary>Source of the token that the callee sees; null when the method takes none.</summary>
    public CancellationTokenSource? Cancellation { get; init; }

    /// <summary>The activation that has the message; null before delivery.</summary>
    public Activation? Activation { get; set; }

    public bool IsCancelRequested => Volatile.Read(ref _cancelRequested) != 0;

    /// <summary>Whether the message may pass others that wait or run.</summary>
    public bool MayInterleave => IsAlwaysInterleave || IsReadOnly || ReentrancyId != Guid.Empty;

    /// <summary>Asks for cancellation: a waiting message is dropped, a running one sees its token cancelled in a turn.</summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref _cancelRequested, 1) == 0)
            Activation?.CancelRequest(this);
    }

    public override string ToString() => $"{Source?.ToString() ?? "client"} -> {Target} {Request}";
}
