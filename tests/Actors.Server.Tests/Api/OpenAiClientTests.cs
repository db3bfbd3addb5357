using System.ClientModel;
using System.ClientModel.Primitives;
using Actors.Server.Tests.Hosting;
using OpenAI;
using OpenAI.Chat;

namespace Actors.Server.Tests.Api;

/// <summary>The official client talks to the whole server.</summary>
public sealed class OpenAiClientTests(RealServer server) : IClassFixture<RealServer>
{
    private static readonly ChatCompletionOptions Greedy = new() { Temperature = 0, MaxOutputTokenCount = 24 };

    [Fact]
    public async Task Complete_FactInTheRequest_IsAnsweredWithUsage()
    {
        ChatCompletion answer = await ChatClient().CompleteChatAsync(
            [new UserChatMessage("Remember: my dog's code is 48213."), new AssistantChatMessage("OK."), new UserChatMessage("What is my dog's code?")], Greedy);

        Assert.Contains("48213", answer.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.InRange(answer.Usage.InputTokenCount, 20, 200);
        Assert.InRange(answer.Usage.OutputTokenCount, 1, 24);
        Assert.Equal(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task CompleteStreaming_SameSeed_GivesTheTextOfTheWholeAnswer()
    {
        ChatMessage[] messages = [new UserChatMessage("Tell me about files.")];
#pragma warning disable OPENAI001 // The client calls its own seed experimental.
        ChatCompletionOptions Sampled() => new() { Temperature = 0.8f, Seed = 7, MaxOutputTokenCount = 20 };
#pragma warning restore OPENAI001

        ChatCompletion whole = await ChatClient().CompleteChatAsync(messages, Sampled());
        string text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in ChatClient().CompleteChatStreamingAsync(messages, Sampled()))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate) text += part.Text;
            usage ??= update.Usage;
            reason ??= update.FinishReason;
        }

        Assert.Equal(whole.Content.Count == 0 ? "" : whole.Content[0].Text, text);
        Assert.Equal(whole.FinishReason, reason);
        Assert.Equal(whole.Usage.TotalTokenCount, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task Complete_WithSessionHeader_RemembersWithoutResending()
    {
        ChatClient client = ChatClient("memory-1");
        await client.CompleteChatAsync([new UserChatMessage("Remember: the pass key is 90417.")], Greedy);

        ChatCompletion answer = await client.CompleteChatAsync([new UserChatMessage("What is the pass key?")], Greedy);

        Assert.Contains("90417", answer.Content[0].Text, StringComparison.Ordinal);
        Assert.True(answer.Usage.InputTokenDetails.CachedTokenCount > 0);
        Assert.True(answer.Usage.InputTokenDetails.CachedTokenCount < answer.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Complete_LogProbabilities_AreSortedAndBelowZero()
    {
        ChatCompletion answer = await ChatClient().CompleteChatAsync(
            [new UserChatMessage("What is the pass key?")], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 3, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 });

        Assert.NotEmpty(answer.ContentTokenLogProbabilities);
        foreach (ChatTokenLogProbabilityDetails token in answer.ContentTokenLogProbabilities)
        {
            Assert.True(token.LogProbability <= 0);
            Assert.Equal(3, token.TopLogProbabilities.Count);
            Assert.Equal(token.TopLogProbabilities.OrderByDescending(top => top.LogProbability).Select(top => top.Token), token.TopLogProbabilities.Select(top => top.Token));
            Assert.Equal(token.Token, token.TopLogProbabilities[0].Token);
        }
    }

    [Fact]
    public async Task Complete_LongestLengthReached_FinishesWithLength()
    {
        ChatCompletion answer = await ChatClient().CompleteChatAsync([new UserChatMessage("What is the pass key?")], new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 1 });

        Assert.Equal((ChatFinishReason.Length, 1), (answer.FinishReason, answer.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Complete_UnknownModel_ThrowsWithTheServersMessage()
    {
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(
            () => ChatClient(model: "gpt-9").CompleteChatAsync([new UserChatMessage("hi")]));

        Assert.Equal(404, exception.Status);
        Assert.Contains("gpt-9", exception.Message, StringComparison.Ordinal);
        Assert.Contains("model_not_found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_WithTools_IsRefusedClearly()
    {
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("clock") } };

        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(() => ChatClient().CompleteChatAsync([new UserChatMessage("hi")], options));

        Assert.Equal(400, exception.Status);
        Assert.Contains("tools", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_ListAndGet_NameTheLoadedModel()
    {
        var models = Client().GetOpenAIModelClient();

        OpenAI.Models.OpenAIModelCollection list = await models.GetModelsAsync();
        OpenAI.Models.OpenAIModel one = await models.GetModelAsync("recall-tiny");

        Assert.Equal("recall-tiny", Assert.Single(list).Id);
        Assert.Equal("recall-tiny", one.Id);
    }

    private ChatClient ChatClient(string? session = null, string model = "recall-tiny") => Client(session).GetChatClient(model);

    private OpenAIClient Client(string? session = null)
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(server.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) };
        if (session is not null) options.AddPolicy(new SessionHeader(session), PipelinePosition.PerCall);
        return new OpenAIClient(new ApiKeyCredential("none"), options);
    }

    private sealed class SessionHeader(string session) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Session", session);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Session", session);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
