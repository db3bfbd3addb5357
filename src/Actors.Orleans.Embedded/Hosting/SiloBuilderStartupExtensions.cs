using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Work at the start of a silo.</summary>
public static class SiloBuilderStartupExtensions
{
    /// <summary>Adds work that runs once when the silo has started.</summary>
    public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask)
    {
        builder.Services.AddSingleton<IStartupTask>(services => new DelegateTask(services, startupTask));
        return builder;
    }

    /// <summary>Adds work that runs once when the silo has started.</summary>
    public static ISiloBuilder AddStartupTask<TStartup>(this ISiloBuilder builder) where TStartup : class, IStartupTask
    {
        builder.Services.AddSingleton<IStartupTask, TStartup>();
        return builder;
    }

    private sealed class DelegateTask(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> task) : IStartupTask
    {
        public Task Execute(CancellationToken cancellationToken) => task(services, cancellationToken);
    }
}
