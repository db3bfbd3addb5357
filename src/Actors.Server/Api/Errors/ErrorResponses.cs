using System.Text.Json;

namespace Actors.Server.Api;

/// <summary>Turns exceptions and empty error responses into error objects.</summary>
internal static partial class ErrorResponses
{
    public static void UseErrorObjects(this WebApplication app)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Actors.Server.Api");
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
                if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                    await WriteAsync(context, ForStatus(context));
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The caller went away: there is nobody to answer.
            }
            catch (Exception exception) when (!context.Response.HasStarted)
            {
                ApiException error = ErrorMapping.Map(exception);
                if (error.Status >= 500) LogFailed(logger, exception, context.Request.Method, context.Request.Path.Value);
                await WriteAsync(context, error);
            }
        });
    }

    public static async Task WriteAsync(HttpContext context, ApiException error)
    {
        context.Response.Clear();
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json; charset=utf-8";
        if (error.RetryAfterSeconds is int seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        if (error.Status == 401) context.Response.Headers.WWWAuthenticate = "Bearer";
        await JsonSerializer.SerializeAsync(context.Response.Body, error.ToBody(), WireJson.Types.ErrorBody, context.RequestAborted);
    }

    private static ApiException ForStatus(HttpContext context) => context.Response.StatusCode switch
    {
        404 => new ApiException(404, "unknown_url", $"Unknown request URL: {context.Request.Method} {context.Request.Path}. See docs/api.md for the routes."),
        405 => new ApiException(405, "method_not_allowed", $"{context.Request.Method} is not allowed here; allowed: {context.Response.Headers.Allow}."),
        413 => new ApiException(413, "request_too_large", "The request body is larger than this server accepts."),
        int status => new ApiException(status, "request_failed", $"The request failed with HTTP status {status}."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? path);
}
