using System.Globalization;
using Actors.Grains.Abstractions;
using Actors.Server.Api;

namespace Actors.Server.Cli;

/// <summary>Writes turns as bodies of POST /v1/chat/completions.</summary>
internal static class ChatBody
{
    public static ChatCompletionRequest From(string? session, TurnRequest request) => new()
    {
        Session = session,
        Messages = MessagesOf(request.Items),
        Policy = request.Policy,
        Receipt = request.Receipt ? true : null,
        Stream = true,
        StreamOptions = new StreamOptions { IncludeUsage = true },
        MaxCompletionTokens = request.MaxNewTokens,
        Temperature = request.Sampling.Temperature,
        TopP = request.Sampling.TopP,
        TopK = request.Sampling.TopK,
        MinP = request.Sampling.MinP,
        RepetitionPenalty = request.Sampling.RepetitionPenalty,
        PresencePenalty = request.Sampling.PresencePenalty,
        FrequencyPenalty = request.Sampling.FrequencyPenalty,
        LogitBias = request.Sampling.LogitBias.IsEmpty
            ? null
            : request.Sampling.LogitBias.ToDictionary(pair => pair.Key.ToString(CultureInfo.InvariantCulture), pair => pair.Value),
        Seed = request.Sampling.Seed,
        Stop = request.Sampling.Stop.IsEmpty ? null : new StopTexts(request.Sampling.Stop),
    };

    public static IReadOnlyList<ChatRequestMessage> MessagesOf(IEnumerable<SessionItem> items) =>
        [.. items.Select(item => new ChatRequestMessage { Role = item.Role, Content = new TextContent(item.Text) })];
}
