using System.CommandLine;
using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary><c>actors serve</c>, and <c>actors</c> alone.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Url = new("--url")
    {
        Description = "Address to listen on; any but loopback needs API keys. [env: ACTORS_URL; default: http://127.0.0.1:8080]", HelpName = "URL",
    };

    public static void AddTo(RootCommand root, CommandServices services)
    {
        var command = new Command("serve", "Serve the HTTP API until Ctrl-C (the default command).") { Url };
        command.SetAction((result, cancellationToken) => RunAsync(result, services, cancellationToken));
        root.Add(command);
        root.Options.Add(Url);
        root.SetAction((result, cancellationToken) => RunAsync(result, services, cancellationToken));
    }

    private static async Task<int> RunAsync(ParseResult result, CommandServices services, CancellationToken cancellationToken)
    {
        Settings settings = Settings.From(result, services.Environment);
        if (settings.Server is not null) throw new CliException(ExitCode.Usage, "serve cannot be combined with --server: it is the server.");
        ServerOptions options = SiloOptions.From(settings);
        if (result.GetValue(Url) is { } url) options.Url = url;

        try
        {
            await ServerHost.RunAsync(options, address => Announce(services.Terminal, settings, options, address), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // a stop that was asked for while the server was starting
        }
        return ExitCode.Ok;
    }

    private static void Announce(Terminal terminal, Settings settings, ServerOptions options, string address)
    {
        if (settings.Json) terminal.WriteJson(new { url = address, data = Path.GetFullPath(options.Data), model = SiloOptions.FindModel(options.Model) });
        else terminal.Out.WriteLine($"Listening on {address} with model {Path.GetFileName(SiloOptions.FindModel(options.Model))}, data in {Path.GetFullPath(options.Data)}. Ctrl-C stops.");
        terminal.Out.Flush();
    }
}
