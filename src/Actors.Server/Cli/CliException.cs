namespace Actors.Server.Cli;

/// <summary>Ends a command with one line on standard error.</summary>
/// <param name="code">One of <see cref="ExitCode"/>.</param>
/// <param name="message">Cause, value and what to do.</param>
/// <param name="inner">The cause, shown under --verbose.</param>
internal sealed class CliException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Code { get; } = code;
}
