using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary>What commands need from outside; tests give their own.</summary>
internal sealed record CommandServices
{
    public static CommandServices ForProcess { get; } = new()
    {
        Terminal = Terminal.OfProcess,
        Environment = global::System.Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
        OpenSessionsAsync = SessionAccess.OpenAsync,
    };

    public required Terminal Terminal { get; init; }

    /// <summary>Value of an environment variable, or null.</summary>
    public required Func<string, string?> Environment { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Opens the sessions that the settings mean: a data folder, or a server.</summary>
    public required Func<Settings, CommandServices, CancellationToken, Task<SessionAccess>> OpenSessionsAsync { get; init; }

    /// <summary>A display for something long, on the stream of notes.</summary>
    public IProgressDisplay ShowProgress(string title, string unit) => Terminal.ErrorIsInteractive
        ? new ProgressBarDisplay(Terminal.ErrorConsole(), title, unit)
        : new ProgressLines(Terminal.Error, title, unit, Time, TimeSpan.FromSeconds(5));
}
