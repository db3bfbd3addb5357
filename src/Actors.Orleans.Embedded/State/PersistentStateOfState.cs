using System.Runtime.CompilerServices;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>One state of one activation. Operations run one after another; all use is in turns of the grain.</summary>
internal sealed class PersistentState<TState> : IPersistentState<TState>, ILifecycleObserver
{
    private readonly string _name;
    private readonly Activation _activation;
    private readonly IGrainStorage _storage;
    private readonly GrainState<TState> _record = new(Empty());
    private Task _last = Task.CompletedTask;
    private bool _isLoaded;

    public PersistentState(string name, Activation activation, IGrainStorage storage)
    {
        _name = name;
        _activation = activation;
        _storage = storage;
        activation.ObservableLifecycle.Subscribe(nameof(PersistentState<TState>), GrainLifecycleStage.SetupState, this);
    }

    public TState State
    {
        get
        {
            ThrowIfOutside();
            return _record.State!;
        }

        set
        {
            ThrowIfOutside();
            _record.State = value;
        }
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _isLoaded ? _record.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public Task ReadStateAsync() => ReadStateAsync(default);

    public Task WriteStateAsync() => WriteStateAsync(default);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public Task ReadStateAsync(CancellationToken cancellationToken) => Queue(async () =>
    {
        await _storage.ReadStateAsync(_name, _activation.GrainId, _record, cancellationToken);
        _record.State ??= Empty();
        _isLoaded = true;
    });

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        Queue(() => _storage.WriteStateAsync(_name, _activation.GrainId, _record, cancellationToken));

    public Task ClearStateAsync(CancellationToken cancellationToken) => Queue(async () =>
    {
        await _storage.ClearStateAsync(_name, _activation.GrainId, _record, cancellationToken);
        _record.State = Empty();
    });

    Task ILifecycleObserver.OnStart(CancellationToken cancellationToken) => ReadStateAsync(cancellationToken);

    Task ILifecycleObserver.OnStop(CancellationToken cancellationToken) => Task.CompletedTask;

    private static TState Empty() =>
        typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
            ? System.Activator.CreateInstance<TState>()
            : (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState));

    private Task Queue(Func<Task> operation)
    {
        ThrowIfOutside();
        return _last = RunAsync(_last, operation);
    }

    private async Task RunAsync(Task previous, Func<Task> operation)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            await operation();
        }
        catch (Exception e) when (e is not (OrleansException or OperationCanceledException))
        {
            throw new OrleansException($"Storage of state {_name} of grain {_activation.GrainId} failed: {e.Message}", e);
        }
    }

    private void ThrowIfOutside()
    {
        if (!ReferenceEquals(RuntimeContext.Current, _activation))
            throw new InvalidOperationException($"State {_name} of grain {_activation.GrainId} can only be used in turns of that grain.");
    }
}
