using Actors.Engine;
using Microsoft.Extensions.Hosting;

namespace Actors.Server.Hosting;

/// <summary>A silo without HTTP, as the command line uses it on a data folder. Owns the folder until it is disposed; then every session is saved.</summary>
public sealed class SiloHost : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloHost(IHost host)
    {
        _host = host;
        Sessions = host.Services.GetRequiredService<SessionClients>().For(host.Services.GetRequiredService<ServerOptions>().Tenant);
    }

    /// <summary>Sessions of <see cref="ServerOptions.Tenant"/>.</summary>
    public ISessionClient Sessions { get; }

    /// <summary>Services of the silo: <see cref="InferenceEngine"/>, <see cref="LoadedModel"/> and what else the composition holds.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Loads the model, takes the data folder and starts the silo.</summary>
    /// <param name="options">Settings; not changed.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is not usable; all failures are listed.</exception>
    public static async Task<SiloHost> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        ServerOptionsValidator.ThrowIfInvalid(options);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddSilo(options);
        IHost host = builder.Build();
        try
        {
            host.Services.LoadSilo();
            await host.StartAsync(cancellationToken);
            return new SiloHost(host);
        }
        catch
        {
            await StopAsync(host);
            throw;
        }
    }

    /// <summary>Saves every session, stops the silo and gives the data folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await StopAsync(_host);
    }

    private static async ValueTask StopAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }
}
