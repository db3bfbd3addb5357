namespace Actors.Conformance.State;

[Alias("conformance.customState")]
public interface ICustomStateGrain : IGrainWithStringKey
{
    [Alias("set")]
    Task SetAsync(string text);

    [Alias("get")]
    Task<string?> GetAsync();
}
