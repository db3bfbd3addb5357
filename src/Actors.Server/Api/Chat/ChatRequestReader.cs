using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Grains.Abstractions;

namespace Actors.Server.Api;

/// <summary>Checks a chat request and turns it into a turn. Fields that would change the answer and are not supported are refused.</summary>
internal static class ChatRequestReader
{
    private const int MaxMessages = 65_536, MaxStopTexts = 16, MaxStopLength = 1024, MaxLogitBias = 1024;

    /// <summary>Fields of OpenAI's interface that say nothing about the answer itself.</summary>
    private static readonly ImmutableHashSet<string> Harmless =
    [
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls",
    ];

    /// <summary>Fields whose value must be the one that asks for nothing special.</summary>
    private static readonly ImmutableDictionary<string, string> Unsupported = new Dictionary<string, string>
    {
        ["tools"] = "Tool calling",
        ["tool_choice"] = "Tool calling",
        ["functions"] = "Function calling",
        ["function_call"] = "Function calling",
        ["response_format"] = "Structured output",
        ["modalities"] = "An output other than text",
        ["audio"] = "Audio",
        ["prediction"] = "Predicted output",
        ["web_search_options"] = "Web search",
        ["reasoning_effort"] = "Reasoning effort",
        ["verbosity"] = "Verbosity",
    }.ToImmutableDictionary();

    public static TurnRequest ReadTurn(ChatCompletionRequest request, bool stateless)
    {
        RefuseOthers(request.Others);
        if (request.N is not null and not 1) throw ApiException.Unsupported("More than one choice per request (n other than 1)", "n");
        if (request.StreamOptions is not null && request.Stream != true)
            throw ApiException.Invalid("'stream_options' is only allowed when 'stream' is true.", "stream_options");
        if (request.Messages is null) throw ApiException.Invalid("The field 'messages' is missing.", "messages", "missing_required_parameter");
        if (stateless && request.Messages.Count == 0)
            throw ApiException.Invalid("'messages' is empty; a request without a session needs at least one message.", "messages");

        return new TurnRequest
        {
            Items = ReadItems(request.Messages, "messages"),
            MaxNewTokens = ReadMaxTokens(request),
            Policy = request.Policy,
            Receipt = request.Receipt == true,
            Sampling = ReadSampling(request),
        };
    }

    public static ImmutableArray<SessionItem> ReadItems(IReadOnlyList<ChatRequestMessage?> messages, string field)
    {
        if (messages.Count > MaxMessages) throw ApiException.Invalid($"'{field}' has {messages.Count} entries; at most {MaxMessages} are allowed.", field);
        var items = ImmutableArray.CreateBuilder<SessionItem>(messages.Count);
        for (int i = 0; i < messages.Count; i++) items.Add(ReadItem(messages[i], $"{field}[{i}]"));
        return items.MoveToImmutable();
    }

    /// <summary>Refuses fields that this server does not know, and those that it knows and cannot serve.</summary>
    public static void RefuseOthers(Dictionary<string, JsonElement>? others)
    {
        foreach ((string name, JsonElement value) in others ?? [])
        {
            if (Harmless.Contains(name) || AsksForNothing(name, value)) continue;
            if (Unsupported.TryGetValue(name, out string? feature)) throw ApiException.Unsupported(feature, name);
            throw ApiException.Invalid($"Unknown field '{name}'. Check its spelling or leave it out.", name, "unknown_parameter");
        }
    }

    private static bool AsksForNothing(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Unsupported.ContainsKey(name),
        JsonValueKind.Array when name is "tools" or "functions" => value.GetArrayLength() == 0,
        JsonValueKind.Array when name is "modalities" => value.GetArrayLength() == 1 && value[0].ValueEqualsText("text"),
        JsonValueKind.String when name is "tool_choice" or "function_call" => value.ValueEquals("none") || value.ValueEquals("auto"),
        JsonValueKind.Object when name is "response_format" => value.TryGetProperty("type", out JsonElement type) && type.ValueEqualsText("text"),
        _ => false,
    };

    private static bool ValueEqualsText(this JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static SessionItem ReadItem(ChatRequestMessage? message, string param)
    {
        if (message is null) throw ApiException.Invalid($"'{param}' is null; an object with 'role' and 'content' is expected.", param);
        string role = message.Role switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            "tool" or "function" => throw ApiException.Unsupported($"A message of role '{message.Role}'", $"{param}.role"),
            null => throw ApiException.Invalid($"'{param}.role' is missing.", $"{param}.role", "missing_required_parameter"),
            _ => throw ApiException.Invalid($"'{param}.role' must be system, developer, user or assistant.", $"{param}.role"),
        };
        foreach ((string name, JsonElement value) in message.Others ?? [])
            if (value.ValueKind != JsonValueKind.Null && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
                throw ApiException.Unsupported($"The field '{name}' of a message", $"{param}.{name}");

        if (message.Content is null) throw ApiException.Invalid($"'{param}.content' is missing.", $"{param}.content", "missing_required_parameter");
        return new SessionItem { Role = role, Text = message.Content.Text };
    }

    private static int? ReadMaxTokens(ChatCompletionRequest request)
    {
        if (request is { MaxTokens: int old, MaxCompletionTokens: int current } && old != current)
            throw ApiException.Invalid($"'max_tokens' is {old} and 'max_completion_tokens' is {current}; give one of them.", "max_tokens");

        string name = request.MaxCompletionTokens is null ? "max_tokens" : "max_completion_tokens";
        int? value = request.MaxCompletionTokens ?? request.MaxTokens;
        if (value < 1) throw ApiException.Invalid($"'{name}' is {value}; it must be 1 or more.", name);
        return value;
    }

    private static TurnSampling ReadSampling(ChatCompletionRequest request)
    {
        if (request.TopLogprobs is not null && request.Logprobs != true)
            throw ApiException.Invalid("'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs");

        return new TurnSampling
        {
            Temperature = Within(request.Temperature, 0, 2, 1, "temperature"),
            TopP = request.TopP == 0
                ? throw ApiException.Invalid("'top_p' is 0; it must be above 0 and at most 1.", "top_p")
                : Within(request.TopP, 0, 1, 1, "top_p"),
            TopK = (int)Within(request.TopK, 0, int.MaxValue, 0, "top_k"),
            MinP = Within(request.MinP, 0, 1, 0, "min_p"),
            RepetitionPenalty = Within(request.RepetitionPenalty, 0.01f, 100, 1, "repetition_penalty"),
            PresencePenalty = Within(request.PresencePenalty, -2, 2, 0, "presence_penalty"),
            FrequencyPenalty = Within(request.FrequencyPenalty, -2, 2, 0, "frequency_penalty"),
            LogitBias = ReadLogitBias(request.LogitBias),
            Seed = request.Seed,
            Stop = ReadStop(request.Stop),
            LogProbabilities = request.Logprobs == true,
            TopLogProbabilities = (int)Within(request.TopLogprobs, 0, 20, 0, "top_logprobs"),
        };
    }

    private static float Within(float? value, float least, float most, float fallback, string name)
    {
        if (value is not float number) return fallback;
        if (number >= least && number <= most) return number;
        throw ApiException.Invalid(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {number}; it must be from {least} to {most}."), name);
    }

    private static ImmutableDictionary<int, float> ReadLogitBias(IReadOnlyDictionary<string, float>? bias)
    {
        if (bias is null) return ImmutableDictionary<int, float>.Empty;
        if (bias.Count > MaxLogitBias) throw ApiException.Invalid($"'logit_bias' has {bias.Count} entries; at most {MaxLogitBias} are allowed.", "logit_bias");

        var result = ImmutableDictionary.CreateBuilder<int, float>();
        foreach ((string key, float value) in bias)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int token))
                throw ApiException.Invalid($"'logit_bias' names token '{key}'; token ids are whole numbers.", "logit_bias");
            result[token] = Within(value, -100, 100, 0, $"logit_bias.{key}");
        }

        return result.ToImmutable();
    }

    private static ImmutableArray<string> ReadStop(StopTexts? stop)
    {
        if (stop is null) return [];
        if (stop.Texts.Count > MaxStopTexts) throw ApiException.Invalid($"'stop' has {stop.Texts.Count} texts; at most {MaxStopTexts} are allowed.", "stop");
        foreach (string text in stop.Texts)
            if (text.Length is 0 or > MaxStopLength)
                throw ApiException.Invalid($"A text of 'stop' has {text.Length} characters; 1 to {MaxStopLength} are allowed.", "stop");

        return [.. stop.Texts];
    }
}
