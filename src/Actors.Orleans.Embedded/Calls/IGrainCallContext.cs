using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>A grain call on its way.</summary>
public interface IGrainCallContext
{
    /// <summary>The call with its arguments.</summary>
    IInvokable Request { get; }

    /// <summary>The grain, or the reference to it.</summary>
    object Grain { get; }

    /// <summary>Identity of the calling grain; null for a call from outside.</summary>
    GrainId? SourceId { get; }

    /// <summary>Identity of the called grain.</summary>
    GrainId TargetId { get; }

    /// <summary>Interface of the call.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>Name of the interface of the call.</summary>
    string InterfaceName { get; }

    /// <summary>Name of the called method.</summary>
    string MethodName { get; }

    /// <summary>The called method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The result, after <see cref="Invoke"/>. A filter may replace it.</summary>
    object? Result { get; set; }

    /// <summary>Goes on with the next filter or the grain.</summary>
    Task Invoke();
}
