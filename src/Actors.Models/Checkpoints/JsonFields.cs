using System.Text.Json;

namespace Actors.Models;

/// <summary>Typed, bounded reading of one JSON object; every failure names file, field and value.</summary>
internal readonly struct JsonFields
{
    private readonly string _path;
    private readonly string _prefix;
    private readonly JsonElement _object;

    public JsonFields(string path, JsonElement element, string prefix = "")
    {
        _path = path;
        _prefix = prefix;
        _object = element.ValueKind == JsonValueKind.Object
            ? element
            : throw new CheckpointException(path, $"{(prefix.Length == 0 ? "the document" : prefix.TrimEnd('.'))} must be a JSON object, not {element.ValueKind}.");
    }

    public JsonElement Element => _object;

    /// <summary>Reads a JSON document of bounded length; the element stays valid by itself.</summary>
    public static JsonFields Load(string path, long maxBytes)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > maxBytes)
                throw new CheckpointException(path, $"{stream.Length:N0} bytes are more than the {maxBytes:N0} that such a file may have.");
            using var document = JsonDocument.Parse(stream);
            return new JsonFields(path, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"is not valid JSON ({e.Message}). Fetch the file again.", e);
        }
        catch (FileNotFoundException e)
        {
            throw new CheckpointException(path, "does not exist. Give the directory of a Hugging Face checkpoint.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message}", e);
        }
    }

    public bool TryGet(string name, out JsonElement value) =>
        _object.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    public bool Has(string name) => TryGet(name, out _);

    public JsonFields? Object(string name) => TryGet(name, out var value) ? new JsonFields(_path, value, $"{_prefix}{name}.") : null;

    public int Int(string name, int min, int max, int? fallback = null)
    {
        if (!TryGet(name, out var value)) return fallback ?? throw Missing(name);
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt32(out int number) && number >= min && number <= max) return number;
            // Some exporters write whole numbers as 32768.0.
            if (value.TryGetDouble(out double real) && real == Math.Floor(real) && real >= min && real <= max) return (int)real;
        }

        throw Wrong(name, value, $"a whole number from {min:N0} to {max:N0}");
    }

    public int? OptionalInt(string name, int min, int max) => Has(name) ? Int(name, min, max) : null;

    public double Double(string name, double min, double max, double? fallback = null)
    {
        if (!TryGet(name, out var value)) return fallback ?? throw Missing(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min && number <= max
            ? number
            : throw Wrong(name, value, $"a number from {min:R} to {max:R}");
    }

    public double? OptionalDouble(string name, double min, double max) => Has(name) ? Double(name, min, max) : null;

    public bool Bool(string name, bool fallback)
    {
        if (!TryGet(name, out var value)) return fallback;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, value, "true or false"),
        };
    }

    public string? OptionalString(string name)
    {
        if (!TryGet(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, value, "a string");
    }

    /// <summary>Wraps a nested object of the same file.</summary>
    public JsonFields Nested(JsonElement element, string prefix) => new(_path, element, prefix);

    public CheckpointException Missing(string name) => new(_path, $"{_prefix}{name} is missing.");

    public CheckpointException Wrong(string name, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        return new CheckpointException(_path, $"{_prefix}{name} is {(text.Length > 80 ? text[..80] + "..." : text)}, expected {expected}.");
    }

    public CheckpointException Refuse(string problem) => new(_path, problem);
}
