namespace Orleans.Configuration;

/// <summary>Settings of calls.</summary>
public abstract class MessagingOptions
{
    /// <summary>Time after which a caller stops waiting and gets a <see cref="TimeoutException"/>.</summary>
    /// <value>Positive. Default 30 seconds.</value>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a call that timed out is cancelled at the callee.</summary>
    /// <value>Default false.</value>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>Whether a cancelled caller waits until the callee has ended.</summary>
    /// <value>Default false: the caller goes on at once.</value>
    public bool WaitForCancellationAcknowledgement { get; set; }

    /// <summary>Whether a call that waited longer than its timeout is dropped unrun.</summary>
    /// <value>Default true.</value>
    public bool DropExpiredMessages { get; set; } = true;
}
