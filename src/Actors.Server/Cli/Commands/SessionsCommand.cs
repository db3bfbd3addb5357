using System.CommandLine;
using System.Globalization;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary><c>actors sessions list|show|policy|delete</c></summary>
internal static class SessionsCommand
{
    public static Command Create(CommandServices services) => new("sessions", "List, describe, change and erase sessions.")
    {
        CreateList(services), CreateShow(services), CreatePolicy(services), CreateDelete(services),
    };

    private static Command CreateList(CommandServices services)
    {
        var command = new Command("list", "List all sessions.");
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            List<SessionInfo> sessions = [];
            string? after = null;
            do
            {
                SessionPage page = await access.Sessions.ListAsync(after, 200, cancellationToken);
                sessions.AddRange(page.Sessions);
                after = page.Next;
            }
            while (after is not null);

            if (settings.Json) services.Terminal.WriteJson(new { sessions });
            else services.Terminal.OutConsole().Write(Table(sessions));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateShow(CommandServices services)
    {
        Argument<string> name = NameArgument();
        var command = new Command("show", "Describe one session: tokens, pages, bytes, policy.") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            SessionInfo info = await access.Sessions.ShowAsync(result.GetRequiredValue(name), cancellationToken) ?? throw Unknown(result.GetRequiredValue(name));
            if (settings.Json) services.Terminal.WriteJson(info);
            else services.Terminal.OutConsole().Write(Details(info));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreatePolicy(CommandServices services)
    {
        Argument<string> name = NameArgument();
        var policy = new Argument<string>("policy") { Description = "Name of the policy, perhaps with options: quest:tokens=1024." };
        var command = new Command("policy", "Let a session go on under another attention policy. Nothing is computed again.") { name, policy };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string session = result.GetRequiredValue(name);
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            SessionInfo info = await access.Sessions.ChangePolicyAsync(session, result.GetRequiredValue(policy), cancellationToken) ?? throw Unknown(session);
            if (settings.Json) services.Terminal.WriteJson(info);
            else services.Terminal.Out.WriteLine($"Session {session} goes on under {info.Policy}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateDelete(CommandServices services)
    {
        Argument<string> name = NameArgument();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("delete", "Erase a session with its journal and pages.") { name, yes };
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string session = result.GetRequiredValue(name);
            if (!result.GetValue(yes) && !await ConfirmAsync(services.Terminal, session, cancellationToken))
                throw new CliException(ExitCode.Failed, $"Session {session} was not deleted.");
            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            if (!await access.Sessions.DeleteAsync(session, cancellationToken)) throw Unknown(session);
            if (settings.Json) services.Terminal.WriteJson(new { session, deleted = true });
            else services.Terminal.Out.WriteLine($"Deleted session {session}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> NameArgument() => new("session") { Description = "Name of the session." };

    private static async Task<bool> ConfirmAsync(Terminal terminal, string session, CancellationToken cancellationToken)
    {
        if (!terminal.InputIsInteractive) throw new CliException(ExitCode.Usage, "Deleting needs --yes when nobody can be asked.");
        await terminal.Error.WriteAsync($"Erase session {session} for good? [y/N] ");
        await terminal.Error.FlushAsync(cancellationToken);
        string? line = await Task.Run(terminal.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        return line is "y" or "Y" or "yes";
    }

    private static Table Table(IEnumerable<SessionInfo> sessions)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("Session", "Policy", "Model");
        foreach (string column in (string[])["Tokens", "Turns", "In memory", "On disk", "Updated"]) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (SessionInfo info in sessions)
        {
            table.AddRow(
                Markup.Escape(info.Session), Markup.Escape(info.Policy), Markup.Escape(info.Model), Number(info.Tokens), Number(info.Turns),
                ByteSize.Format(info.ResidentBytes), ByteSize.Format(info.StoredBytes), Date(info.Updated));
        }
        return table;
    }

    private static Grid Details(SessionInfo info)
    {
        Grid grid = new Grid().AddColumns(2);
        foreach ((string name, string value) in (IEnumerable<(string, string)>)
        [
            ("Session", info.Session), ("Model", info.Model), ("Policy", info.Policy),
            ("Tokens", Number(info.Tokens)), ("Computed", Number(info.ComputedTokens)), ("Turns", Number(info.Turns)),
            ("In memory", $"{ByteSize.Format(info.ResidentBytes)} in {Number(info.ResidentPages)} pages"),
            ("On disk", $"{ByteSize.Format(info.StoredBytes)}, {Number(info.StoredPages)} pages"),
            ("Generated", $"{Number(info.Usage.CompletionTokens)} tokens"),
            ("Created", Date(info.Created)), ("Updated", Date(info.Updated)), ("Active", info.Active ? "yes" : "no"),
        ])
            grid.AddRow(new Text(name), new Text(value));
        foreach (SessionFidelity fidelity in info.Fidelity)
            grid.AddRow(new Text("Fidelity"), new Text(Describe(fidelity)));

        return grid;
    }

    private static string Describe(SessionFidelity fidelity) => string.Create(
        CultureInfo.InvariantCulture,
        $"{fidelity.Policy}: reads {fidelity.Recall:P1} of exact attention with {fidelity.KeysTouched:P1} of the keys, output off by {fidelity.OutputError:P1}; {fidelity.Samples:N0} tokens compared, {fidelity.Skipped:N0} skipped");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Date(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static CliException Unknown(string session) => new(ExitCode.NotFound, $"There is no session '{session}'. 'actors sessions list' shows all.");
}
