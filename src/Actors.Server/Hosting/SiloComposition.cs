using System.Globalization;
using Actors.Engine;
using Actors.Grains;
using Actors.KvCache;
using Actors.Server.Api;
using Actors.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Actors.Server.Hosting;

/// <summary>Puts a silo together: storage, model, engine, grains. Used with HTTP in front and without.</summary>
internal static class SiloComposition
{
    /// <summary>Registers everything that a silo consists of.</summary>
    public static void AddSilo(this IHostApplicationBuilder builder, ServerOptions options)
    {
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => DataFolder.Open(options.Data));
        services.AddSingleton(_ => LoadedModel.Open(
            ModelDirectory.Find(options.Model), options.Threads > 0 ? options.Threads : Environment.ProcessorCount, options.Template));
        services.AddSingleton(provider => new InferenceEngine(
            provider.GetRequiredService<LoadedModel>(), EngineOptionsOf(options), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<InferenceEngine>>()));
        services.AddSessions(GrainOptionsOf(options));
        services.AddSingleton(provider => new SessionClients(tenant => new LocalSessionClient(
            tenant,
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<DataFolder>(),
            provider.GetRequiredService<StatelessTurns>(),
            [provider.GetRequiredService<LoadedModel>().Id],
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping)));

        builder.UseOrleans(silo =>
        {
#if ORLEANS_PACKAGES
            silo.UseLocalhostClustering(FreePort(), FreePort());
#endif
            silo.Configure<GrainCollectionOptions>(collection =>
            {
                collection.CollectionAge = TimeSpan.FromSeconds(Math.Max(options.IdleSeconds, 2));
                collection.CollectionQuantum = TimeSpan.FromSeconds(Math.Clamp(options.IdleSeconds / 2.0, 1, 60));
            });
            silo.Configure<SiloMessagingOptions>(messaging => messaging.CancelRequestOnTimeout = true);
        });
    }

    /// <summary>Registers what only the HTTP side needs.</summary>
    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddSingleton(provider =>
        {
            LoadedModel model = provider.GetRequiredService<LoadedModel>();
            long loaded = provider.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
            return new ModelIdentity(model.Id, "fp_" + model.Fingerprint[..Math.Min(12, model.Fingerprint.Length)], loaded);
        });
        builder.Services.AddSingleton(provider => new Readiness(provider.GetRequiredService<ServerOptions>().Data));
    }

    /// <summary>Takes the data folder and loads the model now, so that a problem shows before anything listens; disposal runs in reverse.</summary>
    /// <exception cref="OptionsValidationException">The default policy cannot be used with the model.</exception>
    public static void LoadSilo(this IServiceProvider services)
    {
        services.GetRequiredService<DataFolder>();
        services.GetRequiredService<LoadedModel>();
        ServerOptions options = services.GetRequiredService<ServerOptions>();
        try
        {
            services.GetRequiredService<InferenceEngine>().CheckPolicy(options.Policy);
        }
        catch (ArgumentException exception)
        {
            throw new OptionsValidationException(nameof(ServerOptions), typeof(ServerOptions), [$"Policy is '{options.Policy}': {exception.Message}"]);
        }
    }

#if ORLEANS_PACKAGES
    /// <summary>A data folder has one process, so its silo needs no port that others know; two servers on one machine must not collide.</summary>
    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
#endif

    private static EngineOptions EngineOptionsOf(ServerOptions options) => new()
    {
        KvBudgetBytes = options.KvBudgetBytes,
        KvFormat = Enum.Parse<KvFormat>(options.KvFormat, ignoreCase: true),
        DefaultPolicy = options.Policy,
        FidelityRate = options.FidelityRate,
        // Admission refuses before the journal is written, so the engine itself must never be the one that refuses.
        QueueLimit = options.QueueLimit + 1,
    };

    private static SessionGrainOptions GrainOptionsOf(ServerOptions options) => new()
    {
        DefaultPolicy = options.Policy,
        DefaultMaxNewTokens = options.DefaultMaxNewTokens,
        MaxSessionTokens = options.MaxSessionTokens,
        CheckpointTokens = options.CheckpointTokens,
        MaxTurns = options.QueueLimit,
        RecordReceipts = options.Receipts,
    };
}
