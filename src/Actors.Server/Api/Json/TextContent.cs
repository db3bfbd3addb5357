using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Actors.Server.Api;

/// <summary>Content of a message: a text, or parts of which only those of type text are supported; parts are joined by line breaks.</summary>
[JsonConverter(typeof(TextContentConverter))]
internal sealed record TextContent(string Text);

internal sealed class TextContentConverter : JsonConverter<TextContent>
{
    public override TextContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return new TextContent(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException();

        var text = new StringBuilder();
        for (int part = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; part++)
        {
            if (part > 0) text.Append('\n');
            text.Append(ReadPart(ref reader));
        }

        return new TextContent(text.ToString());
    }

    public override void Write(Utf8JsonWriter writer, TextContent value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);

    private static string ReadPart(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        using JsonDocument part = JsonDocument.ParseValue(ref reader);
        if (!part.RootElement.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String) throw new JsonException();
        if (!type.ValueEquals("text")) throw ApiException.Unsupported($"A content part of type '{type.GetString()}'", "messages");
        if (!part.RootElement.TryGetProperty("text", out JsonElement text) || text.ValueKind != JsonValueKind.String) throw new JsonException();
        return text.GetString()!;
    }
}
