using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A call on its way through the outgoing filters.</summary>
internal sealed class OutgoingCall(
    GrainReference reference, GrainMethod method, object?[] arguments, IOutgoingGrainCallFilter[] filters, Func<object?[], Task<object?>> send)
    : IOutgoingGrainCallContext
{
    private readonly GrainCall _request = new(method, arguments);
    private int _stage;

    public IInvokable Request => _request;

    public object Grain => reference;

    public GrainId? SourceId { get; } = RuntimeContext.Current?.GrainId;

    public IGrainContext? SourceContext { get; } = RuntimeContext.Current;

    public GrainId TargetId => reference.GrainId;

    public GrainInterfaceType InterfaceType => method.InterfaceType;

    public string InterfaceName => method.InterfaceType.ToString();

    public string MethodName => method.Method.Name;

    public MethodInfo InterfaceMethod => method.Method;

    public object? Result { get; set; }

    public async Task Invoke()
    {
        int stage = _stage++;
        if (stage < filters.Length)
            await filters[stage].Invoke(this);
        else
            Result = await send(_request.Arguments);
        _stage = stage;
    }
}
