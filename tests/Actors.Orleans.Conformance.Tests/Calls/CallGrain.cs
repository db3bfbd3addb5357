namespace Actors.Conformance.Calls;

public sealed class CallGrain(Probe probe) : Grain, ICallGrain
{
    private readonly string _activation = Guid.NewGuid().ToString("N");

    public Task CompleteAsync() => Task.CompletedTask;

    public Task<int> EchoAsync(int value) => Task.FromResult(value);

    public ValueTask CompleteValueAsync() => default;

    public ValueTask<string?> EchoValueAsync(string? value) => new(value);

    public async Task ThrowAsync(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task ThrowAtOnceAsync(string message) => throw new InvalidOperationException(message);

    public Task ThrowOwnAsync() => Task.FromException(new QuotaException("Quota exceeded.") { Quota = 42 });

    public Task ForwardThrowAsync(ICallGrain other) => other.ThrowOwnAsync();

    public Task<string> ActivationAsync() => Task.FromResult(_activation);

    public Task<string> KeyOfAsync(ICallGrain other) => other.KeyAsync();

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public async Task FireAsync(string signal)
    {
        await probe.GateAsync(signal + " go");
        probe.Signal(signal + " done");
        throw new InvalidOperationException("Nobody hears this.");
    }

    public Task WaitLongAsync(string signal) => probe.GateAsync(signal);

    public Task WaitForAsync(string signal) => probe.GateAsync(signal);
}
