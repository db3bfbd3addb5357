namespace Orleans.Runtime;

/// <summary>A timer of one activation. It ends with the activation.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets the time to the next tick and the period after it. Called in a tick, it takes effect when the tick ends.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}
