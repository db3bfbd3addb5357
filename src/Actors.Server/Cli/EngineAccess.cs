using Actors.Engine;
using Actors.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Server.Cli;

/// <summary>A model and an engine without sessions, for measuring. Owns both.</summary>
internal sealed class EngineAccess : IAsyncDisposable
{
    private EngineAccess(LoadedModel model, InferenceEngine engine)
    {
        Model = model;
        Engine = engine;
    }

    public LoadedModel Model { get; }

    public InferenceEngine Engine { get; }

    /// <summary>Loads the model that the settings mean and starts an engine.</summary>
    /// <param name="settings">Model, threads, memory, policy.</param>
    /// <param name="fidelity">Share of decoded tokens that are compared with exact attention, whatever the length of the context; 0 leaves times alone.</param>
    /// <exception cref="CliException">The settings name a server, or a model that does not exist.</exception>
    public static EngineAccess Open(Settings settings, double fidelity = 0)
    {
        if (settings.Server is not null) throw new CliException(ExitCode.Usage, "This command measures the engine in its own process and cannot be combined with --server.");
        LoadedModel model = LoadedModel.Open(SiloOptions.FindModel(settings.Model), settings.Threads ?? Environment.ProcessorCount);
        try
        {
            var options = new EngineOptions { DefaultPolicy = settings.Policy ?? "auto", FidelityRate = fidelity, FidelityKeyLimit = 1 << 30 };
            if (settings.MemoryBytes is long bytes) options.KvBudgetBytes = MemoryBudget.KeysAndValues(bytes);
            return new EngineAccess(model, new InferenceEngine(model, options, TimeProvider.System, NullLogger<InferenceEngine>.Instance));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Model.Dispose();
    }
}
