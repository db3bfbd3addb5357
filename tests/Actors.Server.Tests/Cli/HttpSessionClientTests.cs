using System.Net;
using System.Text;
using System.Text.Json;
using Actors.Grains.Abstractions;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class HttpSessionClientTests
{
    [Fact]
    public async Task RunTurnAsync_Stream_BecomesEvents()
    {
        await using var client = Answer(200,
            """
            : computed 64 of 128 tokens

            data: {"id":"x","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}

            data: {"id":"x","choices":[{"index":0,"delta":{"content":"It is "},"finish_reason":null}]}

            data: {"id":"x","choices":[{"index":0,"delta":{"content":"48213."},"finish_reason":null}]}

            data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}

            data: {"id":"x","choices":[],"usage":{"prompt_tokens":130,"completion_tokens":5,"total_tokens":135,"prompt_tokens_details":{"cached_tokens":2}}}

            data: [DONE]

            """, out Handler handler);

        List<TurnEvent> events = [];
        var request = new TurnRequest { Items = [new SessionItem { Text = "What is it?" }], MaxNewTokens = 5, Sampling = new TurnSampling { Temperature = 0 } };
        await foreach (TurnEvent turnEvent in client.RunTurnAsync("s", request, CancellationToken.None)) events.Add(turnEvent);

        Assert.Equal(64, Assert.IsType<TurnProgress>(events[0]).ComputedTokens);
        Assert.IsType<TurnAccepted>(events[1]);
        Assert.Equal("It is 48213.", string.Concat(events.OfType<TurnDelta>().Select(delta => delta.Text)));
        TurnEnded ended = Assert.IsType<TurnEnded>(events[^1]);
        Assert.Equal((TurnEndReason.Length, 130L, 2L, 5L), (ended.Reason, ended.Usage.PromptTokens, ended.Usage.CachedTokens, ended.Usage.CompletionTokens));
        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => (long)i), events.Select(turnEvent => turnEvent.Sequence));
        JsonElement body = JsonDocument.Parse(handler.Body!).RootElement;
        Assert.Equal("s", body.GetProperty("session").GetString());
        Assert.Equal("What is it?", body.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("Bearer secret-key", handler.Authorization);
    }

    [Fact]
    public async Task RunTurnAsync_StreamEndsEarly_SaysSo()
    {
        await using var client = Answer(200, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It\"}}]}\n\n", out _);

        CliException error = await Assert.ThrowsAsync<CliException>(() => ReadAsync(client));

        Assert.Contains("closed the connection", error.Message);
    }

    [Fact]
    public async Task RunTurnAsync_ErrorInTheStream_IsThrown()
    {
        await using var client = Answer(200, "data: {\"error\":{\"message\":\"Too many wait.\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"queue_full\"}}\n\n", out _);

        SessionException error = await Assert.ThrowsAsync<SessionException>(() => ReadAsync(client));

        Assert.Equal((SessionErrorCode.Busy, "Too many wait."), (error.Code, error.Message));
    }

    [Theory]
    [InlineData(429, "queue_full", SessionErrorCode.Busy)]
    [InlineData(400, "invalid_value", SessionErrorCode.InvalidRequest)]
    [InlineData(400, "context_length_exceeded", SessionErrorCode.TooLong)]
    [InlineData(507, "storage_full", SessionErrorCode.StorageFull)]
    public async Task RunTurnAsync_ErrorStatus_BecomesTheSameExceptionAsInProcess(int status, string code, SessionErrorCode expected)
    {
        await using var client = Answer(status, $$$"""{"error":{"message":"No.","type":"t","param":null,"code":"{{{code}}}"}}""", out _);

        SessionException error = await Assert.ThrowsAsync<SessionException>(() => ReadAsync(client));

        Assert.Equal((expected, "No."), (error.Code, error.Message));
    }

    [Fact]
    public async Task ListAsync_WrongKey_NamesTheRemedy()
    {
        await using var client = Answer(401, """{"error":{"message":"The key is wrong.","type":"authentication_error","param":null,"code":"invalid_api_key"}}""", out _);

        CliException error = await Assert.ThrowsAsync<CliException>(() => client.ListAsync(null, 10, CancellationToken.None));

        Assert.Contains("ACTORS_API_KEY", error.Message);
    }

    [Fact]
    public async Task ShowAndDelete_UnknownSession_IsNoError()
    {
        await using var client = Answer(404, """{"error":{"message":"none","type":"not_found_error","param":"id","code":"session_not_found"}}""", out _);

        Assert.Null(await client.ShowAsync("s", CancellationToken.None));
        Assert.False(await client.DeleteAsync("s", CancellationToken.None));
    }

    [Fact]
    public async Task ListAsync_NoActorsServer_SaysSo()
    {
        await using var client = Answer(200, "<html></html>", out _);

        CliException error = await Assert.ThrowsAsync<CliException>(() => client.ListAsync(null, 10, CancellationToken.None));

        Assert.Contains("--server", error.Message);
    }

    private static async Task ReadAsync(HttpSessionClient client)
    {
        await foreach (TurnEvent _ in client.RunTurnAsync("s", new TurnRequest { Items = [new SessionItem { Text = "x" }] }, CancellationToken.None))
        {
        }
    }

    private static HttpSessionClient Answer(int status, string body, out Handler handler)
    {
        handler = new Handler(status, body);
        return new HttpSessionClient(new Uri("http://127.0.0.1:1"), "secret-key", handler);
    }

    private sealed class Handler(int status, string body) : HttpMessageHandler
    {
        public string? Body { get; private set; }

        public string? Authorization { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Authorization = request.Headers.Authorization?.ToString();
            Body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
