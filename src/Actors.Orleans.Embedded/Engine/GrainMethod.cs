using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>What the engine knows of one grain interface method. Made once per method.</summary>
internal sealed class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> All = new();
    private readonly MethodInvoker _invoker;
    private readonly bool[] _sharedArguments;

    private GrainMethod(MethodInfo method)
    {
        Method = method;
        _invoker = MethodInvoker.Create(method);
        Type type = method.DeclaringType!;
        InterfaceType = NameOf(type);
        ParameterInfo[] parameters = method.GetParameters();
        CancellationIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        bool isExtension = typeof(IGrainExtension).IsAssignableFrom(type);
        _sharedArguments = [.. parameters.Select(p => isExtension || p.IsDefined(typeof(ImmutableAttribute), false) || DeepCopier.IsShared(p.ParameterType))];
        CopiesResult = !isExtension;
        Return = ReturnShape.Of(method.ReturnType);
        IsOneWay = Return.IsVoid || method.IsDefined(typeof(OneWayAttribute), true);
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute), true);
        IsAlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute), true);
        Timeout = (method.GetCustomAttribute<ResponseTimeoutAttribute>() ?? type.GetCustomAttribute<ResponseTimeoutAttribute>())?.Timeout;
    }

    public MethodInfo Method { get; }

    public GrainInterfaceType InterfaceType { get; }

    public ReturnShape Return { get; }

    /// <summary>Position of the cancellation token among the arguments; negative when there is none.</summary>
    public int CancellationIndex { get; }

    public bool CopiesResult { get; }

    public bool IsOneWay { get; }

    public bool IsReadOnly { get; }

    public bool IsAlwaysInterleave { get; }

    /// <summary>The method's own response timeout, when it has one.</summary>
    public TimeSpan? Timeout { get; }

    public static GrainMethod Of(MethodInfo method) => All.GetOrAdd(method, static m => new GrainMethod(m));

    public static GrainInterfaceType NameOf(Type type) =>
        GrainInterfaceType.Create(type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName ?? type.Name);

    public object? Invoke(object target, object?[] arguments) => _invoker.Invoke(target, arguments.AsSpan());

    /// <summary>The callee's own arguments: shared where immutable, deep copies elsewhere.</summary>
    public object?[] CopyArguments(object?[] arguments, DeepCopier copier)
    {
        if (arguments.Length == 0)
            return arguments;
        var copies = new object?[arguments.Length];
        for (int i = 0; i < copies.Length; i++)
            copies[i] = _sharedArguments[i] ? arguments[i] : copier.Copy(arguments[i]);
        return copies;
    }
}
