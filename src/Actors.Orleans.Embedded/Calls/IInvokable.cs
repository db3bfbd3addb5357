using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>A call as data: method and arguments.</summary>
public interface IInvokable
{
    /// <summary>Number of arguments.</summary>
    int GetArgumentCount();

    /// <summary>One argument.</summary>
    object? GetArgument(int index);

    /// <summary>Replaces one argument.</summary>
    void SetArgument(int index, object? value);

    /// <summary>Name of the method.</summary>
    string GetMethodName();

    /// <summary>Name of the interface.</summary>
    string GetInterfaceName();

    /// <summary>The interface.</summary>
    Type GetInterfaceType();

    /// <summary>The method of the interface.</summary>
    MethodInfo GetMethod();

    /// <summary>The object that the call runs on; null until it is known.</summary>
    object? GetTarget();
}
