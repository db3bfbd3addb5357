namespace Actors.Conformance.Context;

[Alias("conformance.context")]
public interface IContextGrain : IGrainWithStringKey
{
    [Alias("get")]
    Task<string?> GetAsync(string key);

    [Alias("forward")]
    Task<string?> ForwardAsync(IContextGrain other, string key);

    [Alias("set")]
    Task<string?> SetAsync(string key, string value);

    [Alias("afterAwait")]
    Task<string?> GetAfterAwaitAsync(string key);

    [Alias("stream")]
    IAsyncEnumerable<string?> StreamAsync(string key);

    [Alias("guarded")]
    Task<string> GuardedAsync(string text);
}
