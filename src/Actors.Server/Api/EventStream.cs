using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Actors.Server.Api;

/// <summary>Writes server-sent events. The response begins with the first one, so that an earlier failure still has its own status.</summary>
internal sealed class EventStream(HttpContext context)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public async Task SendAsync<T>(T data, JsonTypeInfo<T> type)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = type.Options.Encoder }))
            JsonSerializer.Serialize(writer, data, type);

        await FlushAsync();
    }

    public async Task SendDoneAsync()
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("data: [DONE]"u8);
        await FlushAsync();
    }

    /// <summary>Sends a line that clients skip: it keeps the connection alive and shows progress to people.</summary>
    public async Task SendCommentAsync(string text)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write(": "u8);
        _buffer.Write(System.Text.Encoding.UTF8.GetBytes(text));
        await FlushAsync();
    }

    private async Task FlushAsync()
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.Headers["X-Accel-Buffering"] = "no";
        }

        _buffer.Write("\n\n"u8);
        await context.Response.Body.WriteAsync(_buffer.WrittenMemory, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
