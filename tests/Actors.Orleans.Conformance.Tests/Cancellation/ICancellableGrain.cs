namespace Actors.Conformance.Cancellation;

[Alias("conformance.cancellable")]
public interface ICancellableGrain : IGrainWithStringKey
{
    [Alias("wait")]
    Task WaitAsync(string name, CancellationToken cancellationToken);

    [Alias("ignore")]
    Task IgnoreAsync(string name, bool isCancelledLater, CancellationToken cancellationToken);

    [Alias("middle")]
    Task<bool> TokenInTheMiddleAsync(int before, CancellationToken cancellationToken, int after);

    [Alias("forward")]
    Task ForwardAsync(ICancellableGrain other, string name, CancellationToken cancellationToken);
}
