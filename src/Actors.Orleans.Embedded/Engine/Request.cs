using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>What a message asks a grain to do.</summary>
internal abstract class Request : IInvokable
{
    public object? Target { get; set; }

    public abstract GrainInterfaceType InterfaceType { get; }

    public abstract ValueTask<object?> InvokeAsync(object target);

    public abstract MethodInfo GetMethod();

    public abstract int GetArgumentCount();

    public abstract object? GetArgument(int index);

    public abstract void SetArgument(int index, object? value);

    public virtual object? CopyResult(object? result, DeepCopier copier) => result;

    public string GetMethodName() => GetMethod().Name;

    public string GetInterfaceName() => InterfaceType.ToString();

    public Type GetInterfaceType() => GetMethod().DeclaringType!;

    public object? GetTarget() => Target;

    public override string ToString() => $"{GetInterfaceName()}.{GetMethodName()}";
}
