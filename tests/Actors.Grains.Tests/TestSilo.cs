using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Storage;
using Actors.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace Actors.Grains.Tests;

/// <summary>A silo with the bundled model over a data folder.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, string folder)
    {
        _host = host;
        Folder = folder;
    }

    public string Folder { get; }

    public InferenceEngine Engine => _host.Services.GetRequiredService<InferenceEngine>();

    public SessionModel Model => _host.Services.GetRequiredService<SessionModel>();

    public TurnAdmission Admission => _host.Services.GetRequiredService<TurnAdmission>();

    public DataFolder Data => _host.Services.GetRequiredService<DataFolder>();

    public static async Task<TestSilo> StartAsync(string folder, Action<SessionGrainOptions>? configure = null, string? model = null, string? template = null, double fidelity = 0.01)
    {
        var options = new SessionGrainOptions { CheckpointTokens = 128, PieceCharacters = 400 };
        configure?.Invoke(options);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => DataFolder.Open(folder));
        builder.Services.AddSingleton(_ => LoadedModel.Open(model ?? RepositoryFiles.BundledModel, threads: 1, template));
        builder.Services.AddSingleton(provider => new InferenceEngine(
            provider.GetRequiredService<LoadedModel>(), new EngineOptions { KvBudgetBytes = 64 << 20, QueueLimit = options.MaxTurns + 1, FidelityRate = fidelity }, TimeProvider.System,
            provider.GetRequiredService<ILogger<InferenceEngine>>()));
        builder.Services.AddSessions(options);
        builder.UseOrleans(silo =>
        {
#if ORLEANS_PACKAGES
            silo.UseLocalhostClustering(FreePort(), FreePort());
#endif
        });
        IHost host = builder.Build();
        host.Services.GetRequiredService<DataFolder>();
        await host.StartAsync();
        return new TestSilo(host, folder);
    }

    public ISessionGrain Session(string name) => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISessionGrain>(SessionKey.Create("test", name));

    /// <summary>What a kill of the process would leave on the disk now, in a folder of its own.</summary>
    public string Crash()
    {
        string copy = Directory.CreateTempSubdirectory("actors-crash-").FullName;
        foreach (string path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(Folder, path);
            if (name is "lock" or "owner" || name.EndsWith(".tmp", StringComparison.Ordinal)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
            using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream target = File.Create(Path.Combine(copy, name));
            source.CopyTo(target);
        }

        return copy;
    }

    /// <summary>All tokens of a session, as its journal has them. The session must not be open for writing.</summary>
    public static async Task<int[]> TokensAsync(string folder, string session)
    {
        using DataFolder data = DataFolder.Open(folder);
        await using SessionJournal journal = data.Session("test", session).OpenJournal();
        return JournalReplay.Read(journal.Read(), DateTimeOffset.UnixEpoch).Tokens.ToArray();
    }

#if ORLEANS_PACKAGES
    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
#endif

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
