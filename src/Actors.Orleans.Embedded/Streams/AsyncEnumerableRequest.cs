namespace Orleans.Runtime;

/// <summary>A call with a streaming result, made anew by each enumeration.</summary>
[Immutable]
internal abstract class AsyncEnumerableRequest(GrainReference reference, GrainMethod method, object?[] arguments)
{
    public int MaxBatchSize { get; set; } = 100;

    public GrainReference Reference => reference;

    public GrainMethod Method => method;

    /// <summary>The token that the caller gave as an argument.</summary>
    public CancellationToken CallerToken => method.CancellationIndex >= 0 ? (CancellationToken)arguments[method.CancellationIndex]! : default;

    /// <summary>Starts the sequence in the grain.</summary>
    public abstract Enumeration Start(Activation activation);

    /// <summary>The arguments with the callee's own token.</summary>
    protected object?[] ArgumentsFor(CancellationToken token)
    {
        object?[] own = [.. arguments];
        if (method.CancellationIndex >= 0)
            own[method.CancellationIndex] = token;
        return own;
    }
}
