using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain call that arrives at its grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The called method of the class.</summary>
    MethodInfo ImplementationMethod { get; }

    /// <summary>The activation.</summary>
    IGrainContext TargetContext { get; }
}
