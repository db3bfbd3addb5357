namespace Actors.Conformance.Turns;

[Alias("conformance.worker")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("work")]
    Task<string> WorkAsync(string started, string signal);
}
