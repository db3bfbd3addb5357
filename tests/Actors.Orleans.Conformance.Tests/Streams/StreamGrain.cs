using System.Runtime.CompilerServices;

namespace Actors.Conformance.Streams;

public sealed class StreamGrain(Probe probe) : Grain, IStreamGrain
{
    private readonly StreamItem _item = new();
    private int _pulled;

    public async IAsyncEnumerable<int> CountAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _pulled++;
            yield return i;
        }
    }

    public async IAsyncEnumerable<string> GatedAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return "first";
            await probe.GateAsync(name + " go").WaitAsync(cancellationToken);
            yield return "second";
        }
        finally
        {
            probe.Signal(name + " ended", cancellationToken.IsCancellationRequested ? "cancelled" : "completed");
        }
    }

    public async IAsyncEnumerable<int> FailAfterAsync(int count)
    {
        for (int i = 0; i < count; i++)
            yield return i;
        await Task.Yield();
        throw new InvalidOperationException($"failed after {count}");
    }

    public Task<int> PulledAsync() => Task.FromResult(_pulled);

    public async IAsyncEnumerable<StreamItem> MessagesAsync(int count)
    {
        await Task.CompletedTask;
        for (int i = 0; i < count; i++)
        {
            _item.Number = i;
            yield return _item;
            await Task.Yield();
        }
    }

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
