namespace Orleans;

/// <summary>Code around every call that arrives at a grain, in the grain's turn. Timer ticks pass through it too.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Does its work and calls <see cref="IGrainCallContext.Invoke"/> to go on.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}
