using System.Collections.Concurrent;

namespace Actors.Conformance;

/// <summary>What grains and tests tell each other beside grain calls: named signals and named counters of one silo.</summary>
public sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _signals = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public void Signal(string name, string value = "") => Source(name).TrySetResult(value);

    /// <summary>Waits for a signal; fails with its name when it does not come.</summary>
    public async Task<string> WaitAsync(string name)
    {
        try
        {
            return await Source(name).Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Signal '{name}' did not come in {Patience}.");
        }
    }

    public bool HasSignal(string name) => Source(name).Task.IsCompleted;

    /// <summary>Waits without a limit; for grains that a test lets go on.</summary>
    public Task GateAsync(string name) => Source(name).Task;

    public int Count(string name) => _counts.AddOrUpdate(name, 1, (_, old) => old + 1);

    public int CountOf(string name) => _counts.GetValueOrDefault(name);

    private TaskCompletionSource<string> Source(string name) =>
        _signals.GetOrAdd(name, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}
