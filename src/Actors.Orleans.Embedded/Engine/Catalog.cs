using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>All activations of the silo by grain identity, and the collector of idle ones.</summary>
internal sealed class Catalog(SiloRuntime runtime) : IActivationOwner, IDisposable
{
    private readonly ConcurrentDictionary<GrainId, IMessageTarget> _targets = new();
    private readonly ConcurrentDictionary<Activation, bool> _live = new();
    private ITimer? _collector;
    private volatile bool _stopping;

    /// <summary>Gives a message to the activation of its grain, which is made when there is none.</summary>
    public void Dispatch(Message message)
    {
        try
        {
            while (true)
            {
                if (!_targets.TryGetValue(message.Target, out IMessageTarget? target))
                {
                    ThrowIfStopping(message.Target);
                    target = _targets.GetOrAdd(message.Target, Create(message.Target));
                }

                if (target.Receive(message))
                    return;
            }
        }
        catch (Exception e)
        {
            message.Caller?.Fail(e);
        }
    }

    public void Replace(Activation ended, IReadOnlyList<Message> waiting)
    {
        _live.TryRemove(ended, out _);
        if (waiting.Count == 0 || _stopping)
        {
            _targets.TryRemove(new KeyValuePair<GrainId, IMessageTarget>(ended.GrainId, ended));
            foreach (Message message in waiting)
                message.Caller?.Fail(Stopped(ended.GrainId));
            return;
        }

        IMessageTarget successor = Create(ended.GrainId);
        foreach (Message message in waiting)
            successor.Receive(message);
        _targets.TryUpdate(ended.GrainId, successor, ended);
    }

    public void OnStarted(Activation activation) => _live.TryAdd(activation, true);

    public void OnEnded(Activation activation) => _live.TryRemove(activation, out _);

    public void StartCollector()
    {
        TimeSpan quantum = runtime.Collection.CollectionQuantum;
        _collector = runtime.Time.CreateTimer(static state => ((Catalog)state!).CollectIdle(), this, quantum, quantum);
    }

    /// <summary>Ends all activations and refuses new ones.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        _stopping = true;
        _collector?.Dispose();
        Activation[] all = [.. _live.Keys];
        foreach (Activation activation in all)
            activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo stops."), ct);
        await Task.WhenAll(all.Select(a => a.Deactivated)).WaitAsync(ct)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        foreach (Activation activation in all.Where(a => !a.Deactivated.IsCompleted))
            SiloLog.ActivationAbandoned(runtime.Logger, activation.GrainId);
    }

    public void Dispose() => _collector?.Dispose();

    private static SiloUnavailableException Stopped(GrainId id) => new($"The silo is stopping and does not activate grain {id}.");

    private void ThrowIfStopping(GrainId id)
    {
        if (_stopping)
            throw Stopped(id);
    }

    private IMessageTarget Create(GrainId id)
    {
        GrainClass grainClass = runtime.Classes.GetClass(id.Type);
        return grainClass.MaxWorkers == 0
            ? new Activation(runtime, id, grainClass, this)
            : new StatelessWorkers(runtime, id, grainClass);
    }

    private void CollectIdle()
    {
        foreach (Activation activation in _live.Keys)
            activation.DeactivateIfIdle();
    }
}
