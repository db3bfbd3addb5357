using System.Net;
using System.Text.Json;
using Actors.Grains.Abstractions;
using Actors.Server.Api;

namespace Actors.Server.Tests.Api;

public sealed class ChatShapeTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private readonly ApiFixture _api = new();

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Chat_AllParameters_ReachTheTurn()
    {
        await OkAsync("""
            {"model":"scripted","session":"s1","policy":"dense","receipt":true,"max_completion_tokens":5,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.1,
             "repetition_penalty":1.1,"presence_penalty":0.2,"frequency_penalty":-0.3,"logit_bias":{"7":-100},"seed":42,"stop":["a","b"],
             "logprobs":true,"top_logprobs":2,"n":1,"user":"u","metadata":{"k":"v"},"tools":[],"response_format":{"type":"text"},
             "messages":[{"role":"developer","content":"be brief"},{"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}]}
            """);

        (string? session, TurnRequest turn) = Assert.Single(_api.Client.Turns);
        Assert.Equal(("s1", "dense", 5, true), (session, turn.Policy, turn.MaxNewTokens, turn.Receipt));
        Assert.Equal([("system", "be brief"), ("user", "one\ntwo")], turn.Items.Select(item => (item.Role, item.Text)));
        TurnSampling sampling = turn.Sampling;
        Assert.Equal((0.5f, 0.9f, 40, 0.1f), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP));
        Assert.Equal((1.1f, 0.2f, -0.3f, 42L), (sampling.RepetitionPenalty, sampling.PresencePenalty, sampling.FrequencyPenalty, sampling.Seed));
        Assert.Equal(-100f, Assert.Single(sampling.LogitBias).Value);
        Assert.Equal(["a", "b"], sampling.Stop.ToArray());
        Assert.Equal((true, 2), (sampling.LogProbabilities, sampling.TopLogProbabilities));
    }

    [Fact]
    public async Task Chat_WithoutStream_IsOneCompletion()
    {
        using JsonDocument answer = JsonDocument.Parse(await OkAsync("""{"messages":[{"role":"user","content":"hi"}]}"""));

        JsonElement root = answer.RootElement, choice = root.GetProperty("choices")[0];
        Assert.Equal("chat.completion", root.GetProperty("object").GetString());
        Assert.Equal("scripted", root.GetProperty("model").GetString());
        Assert.Equal("Hello!", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        JsonElement usage = root.GetProperty("usage");
        Assert.Equal((7, 2, 9), (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()));
        Assert.Equal(4, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task Chat_WithStream_SendsChunksUsageAndDone()
    {
        string text = await OkAsync("""{"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}""");

        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(": computed 3 of 3 tokens", events[1]);
        string[] data = [.. events.Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..])];
        Assert.Equal("[DONE]", data[^1]);
        JsonElement[] chunks = [.. data[..^1].Select(json => JsonDocument.Parse(json).RootElement)];
        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("Hello!", string.Concat(chunks.SelectMany(ContentOf)));
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(9, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_TextOfAnyLanguage_IsNotEscaped(bool stream)
    {
        _api.Client.Script = [new TurnAccepted(), new TurnDelta { Text = "c'est né 日本 <b>" }, new TurnEnded()];

        string answer = await OkAsync($$"""{"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Contains("c'est né 日本 <b>", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SessionErrorCode.Busy, 429)]
    [InlineData(SessionErrorCode.StorageFull, 507)]
    [InlineData(SessionErrorCode.JournalDamaged, 500)]
    [InlineData(SessionErrorCode.InvalidRequest, 400)]
    [InlineData(SessionErrorCode.Stopping, 503)]
    public async Task Chat_FailureBeforeTheFirstEvent_HasItsOwnStatus(SessionErrorCode code, int status)
    {
        _api.Client.Failure = (0, new SessionException(code, "because"));

        using HttpResponseMessage response = await _api.PostAsync(Chat, """{"stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal("because", (await ApiFixture.ErrorOfAsync(response, (HttpStatusCode)status)).Message);
        Assert.Equal(code is SessionErrorCode.Busy or SessionErrorCode.Stopping, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Chat_FailureInMidStream_IsAnErrorEventWithoutDone()
    {
        _api.Client.Failure = (3, new SessionException(SessionErrorCode.StorageFull, "disk"));

        string text = await OkAsync("""{"stream":true,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Contains("\"code\":\"storage_full\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_UnexpectedFailure_HidesItsDetails()
    {
        _api.Client.Failure = (0, new InvalidOperationException("secret detail"));

        ErrorDetail error = await ApiFixture.ErrorOfAsync(
            await _api.PostAsync(Chat, """{"messages":[{"role":"user","content":"hi"}]}"""), HttpStatusCode.InternalServerError);

        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_SessionHeader_NamesTheSessionAndIsEchoed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat)
        {
            Content = new StringContent("""{"messages":[]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Session", "mine");

        using HttpResponseMessage response = await _api.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["mine"], response.Headers.GetValues("X-Session"));
        Assert.Equal("mine", Assert.Single(_api.Client.Turns).Session);
    }

    [Fact]
    public async Task Ingest_Text_ReportsProgressAndEnd()
    {
        using HttpResponseMessage whole = await _api.PostAsync("/v1/sessions/s/items", """{"text":"prose"}""");
        using HttpResponseMessage streamed = await _api.PostAsync("/v1/sessions/s/items", """{"items":[{"role":"user","content":"x"}],"stream":true}""");

        Assert.Contains("\"completed\":true", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([SessionItem.TextRole, "user"], _api.Client.Ingests.Select(ingest => ingest.Request.Items[0].Role));
    }

    [Fact]
    public async Task Ingest_Repeat_TakesAllItemsThatOften()
    {
        using HttpResponseMessage response = await _api.PostAsync("/v1/sessions/s/items", """{"items":[{"role":"user","content":"x"},{"role":"user","content":"y"}],"repeat":2}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["x", "y", "x", "y"], Assert.Single(_api.Client.Ingests).Request.Items.Select(item => item.Text));
    }

    [Fact]
    public async Task Sessions_ListShowDelete_FollowTheBackend()
    {
        _api.Client.Sessions["a"] = new SessionInfo
        {
            Session = "a", Model = "m", Policy = "auto", Tokens = 5, StoredPages = 2,
            Fidelity = [new SessionFidelity { Policy = "auto", Samples = 3, Skipped = 1, Recall = 0.5, OutputError = 0.25, KeysTouched = 0.125 }],
        };
        _api.Client.Sessions["b"] = new SessionInfo { Session = "b", Model = "m", Policy = "auto" };

        using JsonDocument list = JsonDocument.Parse(await _api.Http.GetStringAsync("/v1/sessions?limit=1"));
        using JsonDocument shown = JsonDocument.Parse(await _api.Http.GetStringAsync("/v1/sessions/a"));
        using HttpResponseMessage deleted = await _api.Http.DeleteAsync("/v1/sessions/a");

        Assert.Equal((true, "a"), (list.RootElement.GetProperty("has_more").GetBoolean(), list.RootElement.GetProperty("next").GetString()));
        Assert.Equal(2, shown.RootElement.GetProperty("pages").GetProperty("disk").GetInt32());
        Assert.Equal(
            """[{"policy":"auto","samples":3,"skipped":1,"recall":0.5,"output_error":0.25,"keys_touched":0.125}]""", shown.RootElement.GetProperty("fidelity").GetRawText());
        Assert.Contains("\"deleted\":true", await deleted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["b"], _api.Client.Sessions.Keys);
    }

    private static IEnumerable<string> ContentOf(JsonElement chunk)
    {
        foreach (JsonElement choice in chunk.GetProperty("choices").EnumerateArray())
            if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content)) yield return content.GetString()!;
    }

    private async Task<string> OkAsync(string body)
    {
        using HttpResponseMessage response = await _api.PostAsync(Chat, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
