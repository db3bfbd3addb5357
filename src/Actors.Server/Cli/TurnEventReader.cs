using System.Globalization;
using System.Text.Json;
using Actors.Grains.Abstractions;

namespace Actors.Server.Cli;

/// <summary>Turns the events of a streamed chat completion back into those of the turn. One instance reads one stream.</summary>
internal sealed class TurnEventReader
{
    private long _sequence;
    private TurnEndReason _reason;
    private TurnUsage _usage = new();

    /// <summary>A comment; progress is written as "computed N of M tokens".</summary>
    public TurnEvent? Comment(string text)
    {
        string[] words = text.Split(' ');
        return words is ["computed", var done, "of", var total, "tokens"]
            && long.TryParse(done, NumberStyles.None, CultureInfo.InvariantCulture, out long computedTokens)
            && long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out long totalTokens)
            ? new TurnProgress { Sequence = _sequence++, ComputedTokens = computedTokens, TotalTokens = totalTokens }
            : null;
    }

    /// <summary>One chunk.</summary>
    /// <exception cref="CliException">It is not a chunk, or an error that this program has no type for.</exception>
    /// <exception cref="SessionException">The server ended the turn with an error.</exception>
    public TurnEvent? Data(string json)
    {
        ServerError.ThrowIfError(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw ServerError.NotUnderstood(exception);
        }
    }

    /// <summary>The last event, from what the chunks said.</summary>
    public TurnEnded End() => new() { Sequence = _sequence++, Reason = _reason, Usage = _usage };

    private TurnEvent? Read(JsonElement chunk)
    {
        if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
        {
            _usage = new TurnUsage
            {
                PromptTokens = usage.GetProperty("prompt_tokens").GetInt64(),
                CachedTokens = usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt64(),
                CompletionTokens = usage.GetProperty("completion_tokens").GetInt64(),
            };
        }
        JsonElement choices = chunk.GetProperty("choices");
        if (choices.GetArrayLength() == 0) return null;

        if (choices[0].TryGetProperty("finish_reason", out JsonElement reason) && reason.GetString() is { } name)
            _reason = name == "length" ? TurnEndReason.Length : TurnEndReason.Stop;
        JsonElement delta = choices[0].GetProperty("delta");
        if (delta.TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 } text)
            return new TurnDelta { Sequence = _sequence++, Text = text };

        return delta.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String
            ? new TurnAccepted { Sequence = _sequence++, TurnId = chunk.TryGetProperty("turn", out JsonElement turn) ? turn.GetString() ?? "" : "" }
            : null;
    }
}
