namespace Actors.Conformance.Reminders;

[Alias("conformance.reminder")]
public interface IReminderGrain : IGrainWithStringKey
{
    [Alias("register")]
    Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("unregister")]
    Task UnregisterAsync(string name);

    [Alias("names")]
    Task<List<string>> NamesAsync();
}
