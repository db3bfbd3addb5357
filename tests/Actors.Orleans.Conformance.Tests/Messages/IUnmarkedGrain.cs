namespace Actors.Conformance.Messages;

[Alias("conformance.unmarked")]
public interface IUnmarkedGrain : IGrainWithStringKey
{
    [Alias("take")]
    Task TakeAsync(object message);
}
