using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance;

/// <summary>A silo of its own for a test class, started through plain hosting so that any Orleans can be under test.</summary>
public class SiloFixture : IAsyncLifetime
{
    /// <summary>Long enough not to trip on a busy machine, short enough to wait for.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private IHost? _host;

    public IHost Host => _host ?? throw new InvalidOperationException("The silo has not started.");

    public IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();

    public Probe Probe => Host.Services.GetRequiredService<Probe>();

    public static async Task<IHost> StartSiloAsync(Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Probe>();
        builder.UseOrleans(silo =>
        {
            (int siloPort, int gatewayPort) = FreePorts();
            silo.UseLocalhostClustering(siloPort, gatewayPort, primarySiloEndpoint: null, serviceId: $"service-{siloPort}", clusterId: $"cluster-{siloPort}");
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
            configure(silo);
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async Task InitializeAsync() => _host = await StartSiloAsync(Configure);

    public async Task DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
    }

    protected virtual void Configure(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorageAsDefault();
        silo.AddMemoryGrainStorage("memory");
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
