using System.CommandLine;
using System.CommandLine.Parsing;

namespace Actors.Server.Cli;

/// <summary>The options that every command knows. Values come from the command line, then from the environment, then from defaults.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Data folder with the sessions. [env: ACTORS_DATA; default: the user's local application data]", HelpName = "DIR", Recursive = true,
    };

    public static readonly Option<string?> Model = new("--model", "-m")
    {
        Description = "Directory of the model: config.json, safetensors, tokenizer.json. [env: ACTORS_MODEL; default: the bundled recall-tiny]",
        HelpName = "DIR", Recursive = true,
    };

    public static readonly Option<string?> Policy = new("--policy", "-p")
    {
        Description = "Attention policy of new sessions: auto, dense, streaming, blocks or another, perhaps with options as in blocks:window=1024. [env: ACTORS_POLICY; default: auto]", HelpName = "NAME", Recursive = true,
    };

    public static readonly Option<long?> Memory = new("--memory")
    {
        Description = "Memory that the process may hold beside the weights, such as 256MiB; keys and values that do not fit are read from disk. [default: 1GiB of keys and values]", HelpName = "SIZE", Recursive = true,
        CustomParser = ParseMemory,
    };

    public static readonly Option<int?> Threads = new("--threads", "-t")
    {
        Description = "Threads that compute. [env: ACTORS_THREADS; default: one per core]", HelpName = "N", Recursive = true,
        Validators = { result => RequireRange(result, 1, 256) },
    };

    public static readonly Option<string?> Server = new("--server", "-s")
    {
        Description = "Work against this running server instead of the data folder. [env: ACTORS_SERVER]", HelpName = "URL", Recursive = true,
        Validators = { RequireUrl },
    };

    public static readonly Option<string?> ApiKey = new("--api-key")
    {
        Description = "Key for the server. [env: ACTORS_API_KEY]", HelpName = "KEY", Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON for machines: one document, or one per line where there are several.", Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Show logs, and whole exceptions instead of one line.", Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        foreach (Option option in (Option[])[Data, Model, Policy, Memory, Threads, Server, ApiKey, Json, Verbose]) root.Add(option);
    }

    /// <summary>Adds an error unless the number is in range; for validators.</summary>
    public static void RequireRange(OptionResult result, long least, long most)
    {
        foreach (Token token in result.Tokens)
        {
            if (!long.TryParse(token.Value, out long value) || value < least || value > most)
                result.AddError($"{result.Option.Name} is '{token.Value}' but must be a whole number from {least} to {most}.");
        }
    }

    private static long? ParseMemory(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (ByteSize.TryParse(text, out long bytes) && bytes >= MemoryBudget.LeastBytes) return bytes;
        result.AddError($"--memory is '{text}' but must be a size of at least 64MiB, such as 256MiB or 4GiB.");
        return null;
    }

    private static void RequireUrl(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!Uri.TryCreate(token.Value, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
                result.AddError($"--server is '{token.Value}' but must be an http or https URL, such as http://127.0.0.1:8080.");
        }
    }
}
