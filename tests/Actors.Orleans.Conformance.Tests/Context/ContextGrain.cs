namespace Actors.Conformance.Context;

public sealed class ContextGrain : Grain, IContextGrain, IIncomingGrainCallFilter
{
    public Task<string?> GetAsync(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task<string?> ForwardAsync(IContextGrain other, string key) => other.GetAsync(key);

    public Task<string?> SetAsync(string key, string value)
    {
        var before = RequestContext.Get(key) as string;
        RequestContext.Set(key, value);
        return Task.FromResult(before);
    }

    public async Task<string?> GetAfterAwaitAsync(string key)
    {
        await Task.Delay(1);
        return RequestContext.Get(key) as string;
    }

    public async IAsyncEnumerable<string?> StreamAsync(string key)
    {
        yield return RequestContext.Get(key) as string;
        await Task.Yield();
        yield return RequestContext.Get(key) as string;
    }

    public Task<string> GuardedAsync(string text) => Task.FromResult(text);

    /// <summary>The grain's own filter, inside those of the silo.</summary>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.MethodName == nameof(GuardedAsync))
            context.Result = $"grain({context.Result})";
    }
}
