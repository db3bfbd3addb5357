using System.Text;
using Actors.Grains.Abstractions;

namespace Actors.Server.Api;

/// <summary>Shapes the events of one turn as OpenAI's objects.</summary>
internal sealed class ChatAnswerWriter(string id, long created, ModelIdentity model, bool withLogprobs)
{
    public bool WithLogprobs => withLogprobs;

    /// <summary>Name of the turn, once it is known; null for an answer that is not remembered.</summary>
    public string? Turn { get; set; }

    public ChatCompletion Whole(string text, IReadOnlyList<ChatTokenLogprob> logprobs, TurnEnded ended) => new()
    {
        Id = id,
        Created = created,
        Model = model.Id,
        SystemFingerprint = model.Fingerprint,
        Choices = [new ChatChoice(0, new ChatAnswer("assistant", text, null), withLogprobs ? new ChatLogprobs(logprobs) : null, ReasonOf(ended))],
        Usage = SessionEntry.ChatUsageOf(ended.Usage),
        Turn = Turn,
    };

    public ChatCompletionChunk First() => Chunk(new ChatDelta { Role = "assistant", Content = "" }) with { Turn = Turn };

    public ChatCompletionChunk Delta(TurnDelta delta) => Chunk(
        new ChatDelta { Content = delta.Text }, LogprobOf(delta) is { } logprob ? new ChatLogprobs([logprob]) : null);

    public ChatCompletionChunk Rest(string text) => Chunk(new ChatDelta { Content = text });

    public ChatCompletionChunk Last(TurnEnded ended) => Chunk(new ChatDelta(), finishReason: ReasonOf(ended)) with { Turn = Turn };

    public ChatCompletionChunk Usage(TurnEnded ended) => Chunk([], SessionEntry.ChatUsageOf(ended.Usage));

    public ChatTokenLogprob? LogprobOf(TurnDelta delta)
    {
        if (!withLogprobs) return null;
        string text = delta.TokenText ?? delta.Text;
        var top = new List<ChatTopLogprob>(delta.Top.Length);
        foreach (TokenProbability entry in delta.Top) top.Add(new ChatTopLogprob(entry.Text, Finite(entry.LogProbability), BytesOf(entry.Text)));
        return new ChatTokenLogprob(text, Finite(delta.LogProbability ?? 0), BytesOf(text), top);
    }

    private ChatCompletionChunk Chunk(ChatDelta delta, ChatLogprobs? logprobs = null, string? finishReason = null) =>
        Chunk([new ChatChunkChoice(0, delta, logprobs, finishReason)], null);

    private ChatCompletionChunk Chunk(IReadOnlyList<ChatChunkChoice> choices, ChatUsage? usage) => new()
    {
        Id = id,
        Created = created,
        Model = model.Id,
        SystemFingerprint = model.Fingerprint,
        Choices = choices,
        Usage = usage,
    };

    private static string ReasonOf(TurnEnded ended) => ended.Reason == TurnEndReason.Length ? "length" : "stop";

    /// <summary>JSON has no infinity; OpenAI writes -9999 for tokens that cannot occur.</summary>
    private static float Finite(float logProbability) => float.IsFinite(logProbability) ? logProbability : -9999;

    private static int[] BytesOf(string text) => [.. Encoding.UTF8.GetBytes(text)];
}
