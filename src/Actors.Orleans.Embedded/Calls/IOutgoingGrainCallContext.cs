using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain call that leaves its caller.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The calling activation; null for a call from outside.</summary>
    IGrainContext? SourceContext { get; }
}
