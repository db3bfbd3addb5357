using System.Text.Json;
using System.Text.Json.Serialization;

namespace Actors.Server.Api;

/// <summary>Texts that end an answer: one text or a list of them.</summary>
[JsonConverter(typeof(StopTextsConverter))]
internal sealed record StopTexts(IReadOnlyList<string> Texts);

internal sealed class StopTextsConverter : JsonConverter<StopTexts>
{
    public override StopTexts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return new StopTexts([reader.GetString()!]);
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException();

        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            texts.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());

        return new StopTexts(texts);
    }

    public override void Write(Utf8JsonWriter writer, StopTexts value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string text in value.Texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
