namespace Orleans.Runtime;

/// <summary>The activations that share one identity of a stateless worker: an idle one takes a call, else a new one up to the limit.</summary>
internal sealed class StatelessWorkers(SiloRuntime runtime, GrainId id, GrainClass grainClass) : IMessageTarget, IActivationOwner
{
    private readonly Lock _gate = new();
    private readonly List<Activation> _workers = [];

    public bool Receive(Message message)
    {
        while (!Choose().Receive(message))
        {
        }

        return true;
    }

    public void Replace(Activation ended, IReadOnlyList<Message> waiting)
    {
        lock (_gate)
            _workers.Remove(ended);
        runtime.Catalog.OnEnded(ended);
        foreach (Message message in waiting)
            runtime.Catalog.Dispatch(message);
    }

    private Activation Choose()
    {
        lock (_gate)
        {
            Activation? best = _workers.MinBy(w => w.Load);
            if (best is not null && (best.Load == 0 || _workers.Count >= grainClass.MaxWorkers))
                return best;
            var worker = new Activation(runtime, id, grainClass, this);
            _workers.Add(worker);
            return worker;
        }
    }
}
