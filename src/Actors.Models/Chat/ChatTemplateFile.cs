using System.Text.Json;

namespace Actors.Models;

/// <summary>Finds the chat template text of a checkpoint directory.</summary>
internal static class ChatTemplateFile
{
    private const long MaxBytes = 16 << 20;

    /// <summary>Text of <c>chat_template.jinja</c>, <c>chat_template.json</c> or <c>tokenizer_config.json</c>, in this order; null when there is none.</summary>
    public static string? Read(string directory)
    {
        string jinja = Path.Combine(directory, "chat_template.jinja");
        if (File.Exists(jinja))
        {
            try
            {
                if (new FileInfo(jinja).Length > MaxBytes) throw new CheckpointException(jinja, $"is larger than {MaxBytes:N0} bytes.");
                return File.ReadAllText(jinja);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CheckpointException(jinja, $"cannot be read: {e.Message}", e);
            }
        }

        return ReadJson(Path.Combine(directory, "chat_template.json")) ?? ReadJson(Path.Combine(directory, "tokenizer_config.json"));
    }

    private static string? ReadJson(string path)
    {
        if (!File.Exists(path)) return null;
        var fields = JsonFields.Load(path, MaxBytes);
        if (!fields.TryGet("chat_template", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array) return fields.OptionalString("chat_template");
        foreach (var item in value.EnumerateArray())
        {
            var named = fields.Nested(item, "chat_template.");
            if (named.OptionalString("name") == "default") return named.OptionalString("template");
        }

        return null;
    }
}
