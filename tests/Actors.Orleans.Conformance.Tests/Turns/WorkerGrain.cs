using Orleans.Concurrency;

namespace Actors.Conformance.Turns;

[StatelessWorker(2)]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    private readonly string _activation = Guid.NewGuid().ToString("N");

    public async Task<string> WorkAsync(string started, string signal)
    {
        probe.Signal(started);
        await probe.GateAsync(signal);
        return _activation;
    }
}
