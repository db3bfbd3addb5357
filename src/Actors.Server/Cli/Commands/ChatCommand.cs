using System.CommandLine;

namespace Actors.Server.Cli;

/// <summary><c>actors chat --session S</c>: one line is one turn.</summary>
internal static class ChatCommand
{
    public static Command Create(CommandServices services)
    {
        Option<string> session = SessionArgument.Create();
        var sampling = new SamplingArguments();
        var command = new Command("chat", "Talk in a session: every line is a message. /exit or end of input leaves.") { session };
        sampling.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string name = result.GetRequiredValue(session);
            Terminal terminal = services.Terminal;
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            if (terminal.InputIsInteractive && await access.Sessions.ShowAsync(name, cancellationToken) is { } info)
                terminal.Note($"Session {name} remembers {info.Tokens:N0} tokens. /exit leaves.");

            while (await ReadLineAsync(terminal, cancellationToken) is { } line && line.Trim() != "/exit")
            {
                if (string.IsNullOrWhiteSpace(line)) continue;
                Answer answer = await AnswerReader.ReadAsync(
                    access.Sessions, name, sampling.Turn(result, line, settings.Policy), services,
                    part =>
                    {
                        if (settings.Json) return;
                        terminal.Out.Write(part);
                        terminal.Out.Flush();
                    },
                    cancellationToken);
                if (settings.Json) terminal.WriteJson(answer);
                else await terminal.Out.WriteLineAsync();
            }
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A console cannot cancel a read, so the wait for it is what Ctrl-C ends.</summary>
    private static async Task<string?> ReadLineAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        if (terminal.InputIsInteractive)
        {
            await terminal.Error.WriteAsync("> ");
            await terminal.Error.FlushAsync(cancellationToken);
        }
        return await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
