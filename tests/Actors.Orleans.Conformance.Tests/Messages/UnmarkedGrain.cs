namespace Actors.Conformance.Messages;

public sealed class UnmarkedGrain : Grain, IUnmarkedGrain
{
    public Task TakeAsync(object message) => Task.CompletedTask;
}
