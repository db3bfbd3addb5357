using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary>Makes the settings of a silo from the environment and the command line, which wins.</summary>
internal static class SiloOptions
{
    public static ServerOptions From(Settings settings)
    {
        var options = new ServerOptions();
        try
        {
            new ConfigurationBuilder().AddEnvironmentVariables("ACTORS_").Build().Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            throw new CliException(ExitCode.Usage, $"An environment variable ACTORS_... cannot be used: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
        if (settings.Data is not null) options.Data = settings.Data;
        options.Model = settings.Model is null ? null : FindModel(settings.Model);
        if (settings.Policy is not null) options.Policy = settings.Policy;
        if (settings.Threads is int threads) options.Threads = threads;
        if (settings.MemoryBytes is long bytes) options.KvBudgetBytes = MemoryBudget.KeysAndValues(bytes);
        return options;
    }

    /// <summary>The directory of the model that the settings mean.</summary>
    /// <exception cref="CliException">It does not exist.</exception>
    public static string FindModel(string? named) => named is null || Directory.Exists(named)
        ? ModelDirectory.Find(named)
        : throw new CliException(ExitCode.NotFound, $"There is no model directory '{named}'. It must hold config.json, safetensors and tokenizer.json.");
}
