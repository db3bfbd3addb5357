using Actors.Grains.Abstractions;

namespace Actors.Server.Api;

/// <summary>Says how a failure looks to a caller. What is not listed is a fault of the server and keeps its details in the log.</summary>
internal static class ErrorMapping
{
    public static ApiException Map(Exception exception) => exception switch
    {
        ApiException api => api,
        SessionException session => Map(session),
        BadHttpRequestException { StatusCode: 413 } => new ApiException(413, "request_too_large", "The request body is larger than this server accepts."),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "bad_request", bad.Message),
        _ => new ApiException(500, "internal_error", "The server failed to answer; its log has the details."),
    };

    private static ApiException Map(SessionException exception) => exception.Code switch
    {
        SessionErrorCode.InvalidRequest => new ApiException(400, "invalid_value", exception.Message, exception.Parameter),
        SessionErrorCode.Busy => new ApiException(429, "queue_full", exception.Message) { RetryAfterSeconds = 1 },
        SessionErrorCode.StorageFull => new ApiException(507, "storage_full", exception.Message),
        SessionErrorCode.JournalDamaged => new ApiException(500, "session_damaged", exception.Message),
        SessionErrorCode.TooLong => new ApiException(400, "context_length_exceeded", exception.Message, exception.Parameter),
        SessionErrorCode.StorageFailed => new ApiException(500, "storage_failed", exception.Message),
        SessionErrorCode.Fenced => new ApiException(409, "session_taken_over", exception.Message),
        SessionErrorCode.Stopping => new ApiException(503, "stopping", exception.Message) { RetryAfterSeconds = 5 },
        _ => new ApiException(503, "engine_failed", exception.Message) { RetryAfterSeconds = 5 },
    };
}
