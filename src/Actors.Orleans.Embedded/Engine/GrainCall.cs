using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A call of a grain interface method with its own copy of the arguments.</summary>
internal sealed class GrainCall(GrainMethod method, object?[] arguments) : Request
{
    public GrainMethod Method => method;

    public object?[] Arguments => arguments;

    public override GrainInterfaceType InterfaceType => method.InterfaceType;

    public override ValueTask<object?> InvokeAsync(object target) => method.Return.ReceiveAsync(method.Invoke(target, arguments));

    public override object? CopyResult(object? result, DeepCopier copier) => method.CopiesResult ? copier.Copy(result) : result;

    public override MethodInfo GetMethod() => method.Method;

    public override int GetArgumentCount() => arguments.Length;

    public override object? GetArgument(int index) => arguments[index];

    public override void SetArgument(int index, object? value) => arguments[index] = value;
}
