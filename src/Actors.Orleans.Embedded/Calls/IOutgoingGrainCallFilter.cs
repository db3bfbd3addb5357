namespace Orleans;

/// <summary>Code around every call that a grain or a client makes.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Does its work and calls <see cref="IGrainCallContext.Invoke"/> to go on.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}
