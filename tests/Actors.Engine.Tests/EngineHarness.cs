using Actors.Engine;
using Actors.KvCache;
using Actors.Models;
using Actors.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Engine.Tests;

/// <summary>An engine over a reference checkpoint whose steps the test makes itself: no thread, no waiting, no timing.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    public static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    public EngineHarness(
        string checkpoint = "llama", int threads = 1, EngineOptions? options = null, Func<IModelBackend, IModelBackend>? wrap = null)
    {
        LoadedModel model = LoadedModel.Open(Path.IsPathRooted(checkpoint) ? checkpoint : RepositoryFiles.Reference(checkpoint), threads);
        Model = wrap is null ? model : model.WithBackend(wrap);
        Engine = new InferenceEngine(Model, options ?? DefaultOptions(), Time, NullLogger<InferenceEngine>.Instance, startThread: false);
    }

    public LoadedModel Model { get; }

    public InferenceEngine Engine { get; }

    public ManualTime Time { get; } = new();

    public static EngineOptions DefaultOptions() => new() { DefaultPolicy = "dense", KvFormat = KvFormat.Float32, KvBudgetBytes = 64 << 20 };

    public static EngineTurn Generate(ReadOnlyMemory<int> input, int tokens) =>
        new() { Input = input, MaxNewTokens = tokens, Sampling = Greedy, IgnoreEnd = true };

    public EngineSequence Open(string? policy = null, IPageStore? store = null, int[]? tokens = null) =>
        Engine.Open(new SequenceOptions { PolicyName = policy, PageStore = store, Tokens = tokens ?? [] });

    /// <summary>Steps until the task has ended.</summary>
    public async Task<T> DriveAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            if (!Engine.StepOnce())
                await Task.Yield();
        }
        return await task;
    }

    public async Task DriveAsync(Task task) => await DriveAsync(task.ContinueWith(
        async ended => { await ended; return true; }, TaskScheduler.Default).Unwrap());

    public Task<List<EngineEvent>> RunAsync(EngineSequence sequence, EngineTurn turn) => DriveAsync(CollectAsync(sequence, turn));

    /// <summary>Starts a turn; it is in the queue when this returns.</summary>
    public async Task<List<EngineEvent>> CollectAsync(EngineSequence sequence, EngineTurn turn, CancellationToken cancellationToken = default)
    {
        List<EngineEvent> events = [];
        await foreach (EngineEvent item in Engine.RunAsync(sequence, turn, cancellationToken))
            events.Add(item);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Model.Dispose();
    }
}
