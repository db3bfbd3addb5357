using System.Text.Json;
using Actors.Grains.Abstractions;

namespace Actors.Server.Cli;

/// <summary>Turns the error objects of a server into the exceptions that a silo in this process would throw.</summary>
internal static class ServerError
{
    public static Exception From(int status, string body)
    {
        (string? message, string? code) = Parse(body);
        message ??= $"The server answered with status {status}.";
        return (status, code) switch
        {
            (401 or 403, _) => new CliException(ExitCode.Failed, $"{message} Give the key with --api-key or ACTORS_API_KEY."),
            (404, _) => new CliException(ExitCode.NotFound, message),
            (429, _) => new SessionException(SessionErrorCode.Busy, message),
            (503, "stopping") => new SessionException(SessionErrorCode.Stopping, message),
            (507, _) => new SessionException(SessionErrorCode.StorageFull, message),
            ( >= 400 and < 500, "context_length_exceeded") => new SessionException(SessionErrorCode.TooLong, message),
            ( >= 400 and < 500, _) => new SessionException(SessionErrorCode.InvalidRequest, message),
            _ => new CliException(ExitCode.Failed, message),
        };
    }

    /// <summary>Throws when an event of a stream is an error object.</summary>
    public static void ThrowIfError(string data)
    {
        if (!data.StartsWith("{\"error\"", StringComparison.Ordinal)) return;
        (string? message, string? code) = Parse(data);
        int status = code switch { "queue_full" => 429, "stopping" => 503, "storage_full" => 507, "invalid_value" or "context_length_exceeded" => 400, _ => 500 };
        throw From(status, data) is { } exception && message is not null ? exception : NotUnderstood();
    }

    public static CliException NotUnderstood(Exception? inner = null) =>
        new(ExitCode.Failed, "The server's answer is not understood; is --server really an actors server of this version?", inner);

    private static (string? Message, string? Code) Parse(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement error = document.RootElement.GetProperty("error");
            return (error.GetProperty("message").GetString(), error.TryGetProperty("code", out JsonElement code) ? code.GetString() : null);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, null);
        }
    }
}
