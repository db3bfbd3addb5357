namespace Orleans.Runtime;

/// <summary>Stages of one activation: started in order, stopped in reverse.</summary>
internal sealed class ActivationLifecycle : IGrainLifecycle
{
    private readonly List<Subscription> _subscriptions = [];

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, stage, observer);
        _subscriptions.Add(subscription);
        return subscription;
    }

    public async Task StartAsync(CancellationToken ct)
    {
        foreach (IGrouping<int, Subscription> stage in _subscriptions.OrderBy(s => s.Stage).GroupBy(s => s.Stage).ToArray())
            await Task.WhenAll(stage.Select(s => s.Observer.OnStart(ct)));
    }

    public async Task StopAsync()
    {
        foreach (IGrouping<int, Subscription> stage in _subscriptions.OrderByDescending(s => s.Stage).GroupBy(s => s.Stage).ToArray())
            await Task.WhenAll(stage.Select(s => s.Observer.OnStop()));
    }

    private sealed class Subscription(ActivationLifecycle owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose() => owner._subscriptions.Remove(this);
    }
}
