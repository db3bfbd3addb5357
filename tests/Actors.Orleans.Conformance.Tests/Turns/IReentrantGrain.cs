namespace Actors.Conformance.Turns;

[Alias("conformance.reentrant")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("wait")]
    Task WaitAsync(string signal);

    [Alias("count")]
    Task CountAsync(int times);

    [Alias("total")]
    Task<int> TotalAsync();
}
