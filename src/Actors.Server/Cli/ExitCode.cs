namespace Actors.Server.Cli;

/// <summary>What the process ends with. The numbers are documented in docs/cli.md and never change their meaning.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A file, a model or a session that was named does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>Another process owns the data folder, or too much waits. The same call may work later.</summary>
    public const int Busy = 4;

    /// <summary>Ctrl-C, as shells number it.</summary>
    public const int Cancelled = 130;
}
