using System.CommandLine;
using System.CommandLine.Parsing;

namespace Actors.Server.Cli;

/// <summary>The program <c>actors</c>: parses the command line, runs one command, and turns every failure into one line and an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs with the process's own streams, environment and signals: Ctrl-C and SIGTERM cancel cleanly.</summary>
    /// <param name="args">Arguments of the process; without a command, <c>serve</c> is meant.</param>
    /// <returns>Exit code, see docs/cli.md.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new Signals();
        return await RunAsync(args, CommandServices.ForProcess, signals.Token);
    }

    /// <summary>Runs with given services.</summary>
    internal static async Task<int> RunAsync(string[] args, CommandServices services, CancellationToken cancellationToken)
    {
        RootCommand root = CreateRoot(services);
        ParseResult result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (ParseError error in result.Errors) services.Terminal.Note($"actors: {error.Message}");
            services.Terminal.Note("Try 'actors --help'.");
            return ExitCode.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
                Output = services.Terminal.Out, Error = services.Terminal.Error,
            };
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (Exception exception)
        {
            (int code, string message) = Failures.Explain(exception, cancellationToken);
            services.Terminal.Note($"actors: {message}");
            if (result.GetValue(GlobalOptions.Verbose)) services.Terminal.Note(exception.ToString());
            return code;
        }
        finally
        {
            await services.Terminal.Out.FlushAsync(CancellationToken.None);
        }
    }

    private static RootCommand CreateRoot(CommandServices services)
    {
        var root = new RootCommand("Conversations that never forget: a language model whose sessions have no context limit and survive a kill.");
        GlobalOptions.AddTo(root);
        ServeCommand.AddTo(root, services);
        root.Add(ChatCommand.Create(services));
        root.Add(AskCommand.Create(services));
        root.Add(IngestCommand.Create(services));
        root.Add(SessionsCommand.Create(services));
        root.Add(EvalCommand.Create(services));
        root.Add(LogitsCommand.Create(services));
        root.Add(HeadsCommand.Create(services));
        root.Add(BenchCommand.Create(services));
        return root;
    }
}
