namespace Orleans.Runtime;

/// <summary>How a grain method gives its result: what the caller gets and how the callee's return value is awaited.</summary>
internal abstract class ReturnShape
{
    /// <summary>Whether the caller waits for a response.</summary>
    public virtual bool IsVoid => false;

    /// <summary>Starts the call and gives what the interface method returns.</summary>
    public abstract object? Send(GrainReference reference, GrainMethod method, object?[] arguments);

    /// <summary>Awaits what the grain's method returned.</summary>
    public abstract ValueTask<object?> ReceiveAsync(object? returned);

    /// <summary>The shape of a return type.</summary>
    /// <exception cref="NotSupportedException">The type is none that a grain method may return.</exception>
    public static ReturnShape Of(Type type)
    {
        if (type == typeof(void))
            return new VoidReturn();
        if (type == typeof(Task))
            return new TaskReturn();
        if (type == typeof(ValueTask))
            return new ValueTaskReturn();
        Type? shape = type.IsGenericType switch
        {
            true when type.GetGenericTypeDefinition() == typeof(Task<>) => typeof(TaskReturn<>),
            true when type.GetGenericTypeDefinition() == typeof(ValueTask<>) => typeof(ValueTaskReturn<>),
            true when type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) => typeof(StreamReturn<>),
            _ => null,
        };
        if (shape is null)
            throw new NotSupportedException($"A grain method cannot return {type}: use Task, ValueTask or IAsyncEnumerable.");
        return (ReturnShape)Activator.CreateInstance(shape.MakeGenericType(type.GetGenericArguments()))!;
    }

    private sealed class VoidReturn : ReturnShape
    {
        public override bool IsVoid => true;

        public override object? Send(GrainReference reference, GrainMethod method, object?[] arguments)
        {
            reference.Runtime.Sender.SendOneWay(reference, method, arguments);
            return null;
        }

        public override ValueTask<object?> ReceiveAsync(object? returned) => default;
    }

    private sealed class TaskReturn : ReturnShape
    {
        public override object Send(GrainReference reference, GrainMethod method, object?[] arguments) =>
            reference.Runtime.Sender.SendAsync<object?>(reference, method, arguments);

        public override async ValueTask<object?> ReceiveAsync(object? returned)
        {
            await (Task)returned!;
            return null;
        }
    }

    private sealed class TaskReturn<T> : ReturnShape
    {
        public override object Send(GrainReference reference, GrainMethod method, object?[] arguments) =>
            reference.Runtime.Sender.SendAsync<T>(reference, method, arguments);

        public override async ValueTask<object?> ReceiveAsync(object? returned) => await (Task<T>)returned!;
    }

    private sealed class ValueTaskReturn : ReturnShape
    {
        public override object Send(GrainReference reference, GrainMethod method, object?[] arguments) =>
            new ValueTask(reference.Runtime.Sender.SendAsync<object?>(reference, method, arguments));

        public override async ValueTask<object?> ReceiveAsync(object? returned)
        {
            await (ValueTask)returned!;
            return null;
        }
    }

    private sealed class ValueTaskReturn<T> : ReturnShape
    {
        public override object Send(GrainReference reference, GrainMethod method, object?[] arguments) =>
            new ValueTask<T>(reference.Runtime.Sender.SendAsync<T>(reference, method, arguments));

        public override async ValueTask<object?> ReceiveAsync(object? returned) => await (ValueTask<T>)returned!;
    }

    private sealed class StreamReturn<T> : ReturnShape
    {
        public override object Send(GrainReference reference, GrainMethod method, object?[] arguments) =>
            new AsyncEnumerableRequest<T>(reference, method, method.CopyArguments(arguments, reference.Runtime.Copier));

        public override ValueTask<object?> ReceiveAsync(object? returned) => new(returned);
    }
}
