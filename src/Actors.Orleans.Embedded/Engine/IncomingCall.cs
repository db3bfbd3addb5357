using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A call on its way through the incoming filters, then a filter that the grain itself is, then the grain.</summary>
internal sealed class IncomingCall(Activation activation, Message message, object target) : IIncomingGrainCallContext
{
    private static readonly ConcurrentDictionary<(Type Class, MethodInfo Method), MethodInfo> Implementations = new();
    private int _stage;
    private bool _hasResult;
    private object? _result;

    public IInvokable Request => message.Request;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => message.Source;

    public GrainId TargetId => message.Target;

    public GrainInterfaceType InterfaceType => message.Request.InterfaceType;

    public string InterfaceName => message.Request.GetInterfaceName();

    public string MethodName => message.Request.GetMethodName();

    public MethodInfo InterfaceMethod => message.Request.GetMethod();

    public MethodInfo ImplementationMethod => Implementations.GetOrAdd((target.GetType(), InterfaceMethod), FindImplementation);

    public IGrainContext TargetContext => activation;

    public object? Result
    {
        get => _result;
        set
        {
            _result = value;
            _hasResult = true;
        }
    }

    public async Task<object?> RunAsync()
    {
        await Invoke();
        return Result;
    }

    public async Task Invoke()
    {
        IIncomingGrainCallFilter[] filters = activation.Runtime.IncomingFilters;
        int stage = _stage++;
        try
        {
            IIncomingGrainCallFilter? filter = stage < filters.Length ? filters[stage]
                : stage == filters.Length ? activation.GrainInstance as IIncomingGrainCallFilter
                : null;
            if (filter is null)
            {
                Result = await message.Request.InvokeAsync(target);
                return;
            }

            await filter.Invoke(this);
            if (!_hasResult)
                throw new InvalidOperationException($"Filter {filter.GetType()} neither invoked the call {message} nor set its result.");
        }
        finally
        {
            _stage = stage;
        }
    }

    private static MethodInfo FindImplementation((Type Class, MethodInfo Method) key)
    {
        Type declaring = key.Method.DeclaringType!;
        if (!declaring.IsAssignableFrom(key.Class))
            return key.Method;
        MethodInfo definition = key.Method.IsGenericMethod ? key.Method.GetGenericMethodDefinition() : key.Method;
        InterfaceMapping map = key.Class.GetInterfaceMap(declaring);
        int index = Array.IndexOf(map.InterfaceMethods, definition);
        return index < 0 ? key.Method : map.TargetMethods[index];
    }
}
