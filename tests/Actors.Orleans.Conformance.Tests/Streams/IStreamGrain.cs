namespace Actors.Conformance.Streams;

[Alias("conformance.stream")]
public interface IStreamGrain : IGrainWithStringKey
{
    [Alias("count")]
    IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken);

    [Alias("gated")]
    IAsyncEnumerable<string> GatedAsync(string name, CancellationToken cancellationToken);

    [Alias("failing")]
    IAsyncEnumerable<int> FailAfterAsync(int count);

    [Alias("pulled")]
    Task<int> PulledAsync();

    [Alias("messages")]
    IAsyncEnumerable<StreamItem> MessagesAsync(int count);

    [Alias("deactivate")]
    Task DeactivateAsync();
}
