namespace Actors.Conformance.Lifetime;

[Alias("conformance.plain")]
public interface IPlainGrain : IGrainWithStringKey
{
    [Alias("get")]
    Task<string> GetAsync();
}
