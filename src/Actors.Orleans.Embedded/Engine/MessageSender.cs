namespace Orleans.Runtime;

/// <summary>Turns calls on references into messages and waits for their responses.</summary>
internal sealed class MessageSender(SiloRuntime runtime)
{
    /// <summary>Sends a call; the task ends with the response, with the caller's cancellation, or with the response timeout.</summary>
    public Task<T> SendAsync<T>(GrainReference reference, GrainMethod method, object?[] arguments)
    {
        if (runtime.OutgoingFilters.Length != 0)
            return SendThroughFiltersAsync<T>(reference, method, arguments);
        if (!method.IsOneWay)
            return SendCoreAsync<T>(reference, method, arguments);
        SendOneWay(reference, method, arguments);
        return Task.FromResult<T>(default!);
    }

    /// <summary>Sends a call that nobody waits for.</summary>
    public void SendOneWay(GrainReference reference, GrainMethod method, object?[] arguments) =>
        runtime.Catalog.Dispatch(CreateMessage(reference, method, method.CopyArguments(arguments, runtime.Copier), isOneWay: true));

    internal static void OnTimeout(PendingCall call)
    {
        Message message = call.Message;
        if (call.Fail(new TimeoutException($"Response did not arrive on time in {call.Timeout} for message: {message}.")) && message.Cancellation is not null
            && message.Activation is { } activation && activation.Runtime.Messaging.CancelRequestOnTimeout)
        {
            message.Cancel();
        }
    }

    private async Task<T> SendThroughFiltersAsync<T>(GrainReference reference, GrainMethod method, object?[] arguments)
    {
        var call = new OutgoingCall(reference, method, arguments, runtime.OutgoingFilters, async a =>
        {
            if (!method.IsOneWay)
                return await SendCoreAsync<T>(reference, method, a);
            SendOneWay(reference, method, a);
            return null;
        });
        await call.Invoke();
        return call.Result is null ? default! : (T)call.Result;
    }

    private Task<T> SendCoreAsync<T>(GrainReference reference, GrainMethod method, object?[] arguments)
    {
        CancellationToken token = method.CancellationIndex >= 0 ? (CancellationToken)arguments[method.CancellationIndex]! : default;
        if (token.IsCancellationRequested)
            return Task.FromCanceled<T>(token);
        object?[] copies;
        try
        {
            copies = method.CopyArguments(arguments, runtime.Copier);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }

        Message message = CreateMessage(reference, method, copies, isOneWay: false);
        var call = new PendingCall<T> { Message = message, Timeout = method.Timeout ?? runtime.Messaging.ResponseTimeout };
        message.Caller = call;
        runtime.Monitor.Add(call);
        runtime.Catalog.Dispatch(message);
        if (token.CanBeCanceled)
        {
            call.Registration = token.UnsafeRegister(static (state, ct) => OnCancelled((PendingCall)state!, ct), call);
            if (call.IsCompleted)
                call.Registration.Unregister();
        }

        return call.Task;
    }

    private static void OnCancelled(PendingCall call, CancellationToken token)
    {
        Message message = call.Message;
        bool waits = message.Activation is { } activation && activation.Runtime.Messaging.WaitForCancellationAcknowledgement;
        message.Cancel();
        if (!waits)
            call.Fail(new OperationCanceledException(token));
    }

    private static Message CreateMessage(GrainReference reference, GrainMethod method, object?[] arguments, bool isOneWay)
    {
        CancellationTokenSource? cancellation = null;
        if (method.CancellationIndex >= 0)
        {
            // The callee sees a token of its own, so that cancellation arrives as one of its turns.
            cancellation = new CancellationTokenSource();
            arguments[method.CancellationIndex] = cancellation.Token;
        }

        return new Message(new GrainCall(method, arguments), reference.GrainId)
        {
            Source = RuntimeContext.Current?.GrainId,
            IsOneWay = isOneWay,
            IsReadOnly = method.IsReadOnly,
            IsAlwaysInterleave = method.IsAlwaysInterleave,
            Context = RequestContext.Data,
            ReentrancyId = RequestContext.ReentrancyId,
            Cancellation = cancellation,
        };
    }
}
