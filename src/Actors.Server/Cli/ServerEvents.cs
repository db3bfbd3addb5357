using System.Runtime.CompilerServices;

namespace Actors.Server.Cli;

/// <summary>Reads server-sent events: one line of data each, and comments.</summary>
internal static class ServerEvents
{
    /// <summary>Enumerates the stream.</summary>
    /// <param name="stream">The body of a response, not disposed.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>(true, text) for a comment, (false, text) for data; [DONE] is not returned.</returns>
    /// <exception cref="CliException">The stream ended before [DONE].</exception>
    public static async IAsyncEnumerable<(bool IsComment, string Text)> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == "data: [DONE]") yield break;
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return (false, line["data: ".Length..]);
            else if (line.StartsWith(": ", StringComparison.Ordinal)) yield return (true, line[2..]);
        }
        throw new CliException(ExitCode.Failed, "The server closed the connection in the middle of an answer. What it delivered is kept in the session.");
    }
}
