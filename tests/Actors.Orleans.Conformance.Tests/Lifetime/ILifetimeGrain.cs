namespace Actors.Conformance.Lifetime;

[Alias("conformance.lifetime")]
public interface ILifetimeGrain : IGrainWithStringKey
{
    [Alias("activation")]
    Task<string> ActivationAsync();

    [Alias("delay")]
    Task<string> DelayDeactivationAsync(TimeSpan time);

    [Alias("deactivate")]
    Task<string> DeactivateAsync();

    [Alias("deactivateAndWait")]
    Task DeactivateAndWaitAsync(string signal);
}
