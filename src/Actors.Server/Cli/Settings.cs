using System.CommandLine;

namespace Actors.Server.Cli;

/// <summary>Values of the <see cref="GlobalOptions"/> of one call.</summary>
internal sealed record Settings
{
    public string? Data { get; init; }

    public string? Model { get; init; }

    public string? Policy { get; init; }

    public long? MemoryBytes { get; init; }

    public int? Threads { get; init; }

    public Uri? Server { get; init; }

    public string? ApiKey { get; init; }

    public bool Json { get; init; }

    public bool Verbose { get; init; }

    /// <summary>Reads the options of a parsed command line; what is not there comes from the environment.</summary>
    /// <param name="result">A parse without errors.</param>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <exception cref="CliException">A value from the environment cannot be used.</exception>
    public static Settings From(ParseResult result, Func<string, string?> environment)
    {
        string? server = result.GetValue(GlobalOptions.Server) ?? NotEmpty(environment("ACTORS_SERVER"));
        if (!Uri.TryCreate(server ?? "http://unset", UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new CliException(ExitCode.Usage, $"ACTORS_SERVER is '{server}' but must be an http or https URL, such as http://127.0.0.1:8080.");

        return new Settings
        {
            Data = result.GetValue(GlobalOptions.Data) ?? NotEmpty(environment("ACTORS_DATA")),
            Model = result.GetValue(GlobalOptions.Model) ?? NotEmpty(environment("ACTORS_MODEL")),
            Policy = result.GetValue(GlobalOptions.Policy) ?? NotEmpty(environment("ACTORS_POLICY")),
            MemoryBytes = result.GetValue(GlobalOptions.Memory),
            Threads = result.GetValue(GlobalOptions.Threads) ?? ThreadsFrom(environment("ACTORS_THREADS")),
            Server = server is null ? null : uri,
            ApiKey = result.GetValue(GlobalOptions.ApiKey) ?? NotEmpty(environment("ACTORS_API_KEY")),
            Json = result.GetValue(GlobalOptions.Json),
            Verbose = result.GetValue(GlobalOptions.Verbose),
        };
    }

    private static int? ThreadsFrom(string? text)
    {
        if (NotEmpty(text) is null) return null;
        if (int.TryParse(text, out int threads) && threads is >= 1 and <= 256) return threads;
        throw new CliException(ExitCode.Usage, $"ACTORS_THREADS is '{text}' but must be a whole number from 1 to 256.");
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
