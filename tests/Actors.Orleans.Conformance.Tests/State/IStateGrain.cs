namespace Actors.Conformance.State;

[Alias("conformance.state")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("set")]
    Task SetAsync(int number);

    [Alias("setUnsaved")]
    Task SetUnsavedAsync(int number);

    [Alias("get")]
    Task<int> GetAsync();

    [Alias("stored")]
    Task<bool> IsStoredAsync();

    [Alias("clear")]
    Task ClearAsync();

    [Alias("atActivation")]
    Task<int> AtActivationAsync();

    [Alias("other")]
    Task SetOtherAsync(string text);

    [Alias("getOther")]
    Task<string?> GetOtherAsync();

    [Alias("swallow")]
    Task<string> SetAndCatchAsync(int number);

    [Alias("activation")]
    Task<string> ActivationAsync();

    [Alias("deactivate")]
    Task DeactivateAsync();
}
