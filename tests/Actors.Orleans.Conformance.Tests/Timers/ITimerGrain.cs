namespace Actors.Conformance.Timers;

[Alias("conformance.timer")]
public interface ITimerGrain : IGrainWithStringKey
{
    [Alias("start")]
    Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave, int stopAfter, bool fail);

    [Alias("change")]
    Task ChangeAsync(TimeSpan due, TimeSpan period);

    [Alias("wait")]
    Task WaitAsync(string signal);

    [Alias("startBlocked")]
    Task StartWithTokenAsync(string name);

    [Alias("deactivate")]
    Task DeactivateAsync();
}
