using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orleans.Runtime;

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloHost(SiloRuntime runtime, IServiceProvider services) : IHostedService
{
    private ReminderService? _reminders;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Configuration.GrainCollectionOptions collection = runtime.Collection;
        if (collection.CollectionQuantum <= TimeSpan.Zero)
            throw new OrleansConfigurationException($"CollectionQuantum is {collection.CollectionQuantum}; it must be greater than 0.");
        if (collection.CollectionAge <= collection.CollectionQuantum)
        {
            throw new OrleansConfigurationException(
                $"CollectionAge is {collection.CollectionAge}; it must be greater than CollectionQuantum, which is {collection.CollectionQuantum}.");
        }

        if (runtime.Messaging.ResponseTimeout <= TimeSpan.Zero)
            throw new OrleansConfigurationException($"ResponseTimeout is {runtime.Messaging.ResponseTimeout}; it must be greater than 0.");
        runtime.Catalog.StartCollector();
        foreach (IStartupTask task in services.GetServices<IStartupTask>())
            await task.Execute(cancellationToken);
        _reminders = services.GetService<ReminderService>();
        if (_reminders is not null)
            await _reminders.StartAsync(cancellationToken);
        SiloLog.SiloStarted(runtime.Logger, runtime.Classes.Count);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_reminders is not null)
            await _reminders.StopAsync(cancellationToken);
        await runtime.Catalog.StopAsync(cancellationToken);
        SiloLog.SiloStopped(runtime.Logger);
    }
}
