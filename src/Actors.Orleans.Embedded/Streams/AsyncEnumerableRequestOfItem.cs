namespace Orleans.Runtime;

[Immutable]
internal sealed class AsyncEnumerableRequest<T>(GrainReference reference, GrainMethod method, object?[] arguments)
    : AsyncEnumerableRequest(reference, method, arguments), IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new AsyncEnumeratorProxy<T>(this, cancellationToken);

    public override Enumeration Start(Activation activation)
    {
        var cancellation = new CancellationTokenSource();
        var items = (IAsyncEnumerable<T>)Method.Invoke(activation.GrainInstance!, ArgumentsFor(cancellation.Token))!;
        return new Enumeration<T>(items.GetAsyncEnumerator(cancellation.Token), activation, cancellation, MaxBatchSize, CallerToken);
    }
}
