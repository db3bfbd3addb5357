using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Actors.Server.Hosting;

namespace Actors.Server.Api;

/// <summary>Reads a JSON body whole, within the size that the server accepts, and explains what is wrong with a bad one.</summary>
internal static class RequestBody
{
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        if (!context.Request.HasJsonContentType())
            throw new ApiException(415, "unsupported_media_type", "The request needs the header 'Content-Type: application/json'.");

        long limit = (long)context.RequestServices.GetRequiredService<ServerOptions>().MaxRequestMiB << 20;
        if (context.Request.ContentLength > limit) throw TooLarge(limit);

        using var buffer = new MemoryStream();
        byte[] part = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(part, context.RequestAborted)) > 0;)
            {
                if (buffer.Length + read > limit) throw TooLarge(limit);
                buffer.Write(part, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }

        return Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), type);
    }

    private static ApiException TooLarge(long limit) => new(
        413, "request_too_large", $"The request body is larger than the {limit >> 20} MiB that this server accepts. Send a long text in several requests.");

    internal static T Parse<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) where T : class
    {
        if (body.IsEmpty) throw ApiException.Invalid("The request body is empty; a JSON object is expected.", code: "invalid_json");
        if (!Utf8.IsValid(body)) throw ApiException.Invalid("The request body is not valid UTF-8.", code: "invalid_utf8");

        try
        {
            return JsonSerializer.Deserialize(body, type)
                ?? throw ApiException.Invalid("The request body is null; a JSON object is expected.", code: "invalid_json");
        }
        catch (JsonException exception) when (IsSyntax(exception))
        {
            throw ApiException.Invalid(
                $"The request body is not valid JSON, at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}.", code: "invalid_json");
        }
        catch (JsonException exception)
        {
            string? param = ParamOf(exception.Path);
            throw ApiException.Invalid(Explain(exception, param), param, "invalid_type");
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid("A text in the request body holds an unpaired surrogate escape.", code: "invalid_utf8");
        }
    }

    /// <summary>The reader's own exception is inside when the text is no JSON at all.</summary>
    private static bool IsSyntax(JsonException exception) =>
        exception.InnerException is JsonException || exception.InnerException?.GetType().Name == "JsonReaderException";

    private static string Explain(JsonException exception, string? param)
    {
        if (exception.InnerException is InvalidOperationException { Message: var text } && text.Contains("UTF-", StringComparison.OrdinalIgnoreCase))
            return $"The text of '{param}' holds an unpaired surrogate escape.";

        return param is null
            ? "The request body must be a JSON object with the documented fields."
            : exception.Message.StartsWith("Duplicate", StringComparison.OrdinalIgnoreCase)
                ? $"The field '{param}' occurs twice."
                : $"The value of '{param}' has the wrong type or is out of range.";
    }

    private static string? ParamOf(string? path) => path is null or "$" ? null : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
}
