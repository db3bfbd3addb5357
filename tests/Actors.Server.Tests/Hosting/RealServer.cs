using Actors.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Actors.Server.Tests.Hosting;

/// <summary>A whole server in this process: bundled model, real engine, a data folder of its own, a free port.</summary>
public sealed class RealServer : IAsyncLifetime
{
    private WebApplication? _app;

    internal string Folder { get; } = Directory.CreateTempSubdirectory("actors-").FullName;

    internal HttpClient Http { get; private set; } = new();

    internal Uri Address { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    internal ServerOptions Options => new()
    {
        Url = "http://127.0.0.1:0",
        Data = Folder,
        Threads = 2,
        KvBudgetBytes = 64L << 20,
        CheckpointTokens = 512,
    };

    private async Task StartAsync()
    {
        _app = await ServerHost.BuildAsync(Options);
        await _app.StartAsync();
        Address = new Uri(ServerHost.AddressOf(_app));
        Http = new HttpClient { BaseAddress = Address };
    }

    private async Task StopAsync()
    {
        Http.Dispose();
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }
}
