using System.Net;
using System.Text;
using Actors.Server.Api;

namespace Actors.Server.Tests.Api;

public sealed class BadInputTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Chat = "/v1/chat/completions";
    private const string Hi = """[{"role":"user","content":"hi"}]""";

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("{\"messages\":}", "invalid_json", null)]
    [InlineData("null", "invalid_json", null)]
    [InlineData("[]", "invalid_type", null)]
    [InlineData("\"text\"", "invalid_type", null)]
    [InlineData("{\"messages\":\"hi\"}", "invalid_type", "messages")]
    [InlineData("{\"messages\":[\"hi\"]}", "invalid_type", "messages[0]")]
    [InlineData("{\"messages\":[{\"role\":1,\"content\":\"hi\"}]}", "invalid_type", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":3}]}", "invalid_type", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[3]}]}", "invalid_type", "messages[0].content")]
    [InlineData("{\"messages\":[null]}", "invalid_value", "messages[0]")]
    [InlineData("{}", "missing_required_parameter", "messages")]
    [InlineData("{\"messages\":[]}", "invalid_value", "messages")]
    [InlineData("{\"messages\":[{\"content\":\"hi\"}]}", "missing_required_parameter", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "missing_required_parameter", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"king\",\"content\":\"hi\"}]}", "invalid_value", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"tool\",\"content\":\"hi\"}]}", "unsupported_parameter", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]}", "unsupported_parameter", "messages")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "invalid_type", "messages[0].content")]
    public async Task Chat_BadBody_IsRefused(string body, string code, string? param)
    {
        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.PostAsync(Chat, body), HttpStatusCode.BadRequest);

        Assert.Equal((code, param, "invalid_request_error"), (error.Code, error.Param, error.Type));
    }

    [Theory]
    [InlineData("max_tokens", "-1", "invalid_value")]
    [InlineData("max_tokens", "0", "invalid_value")]
    [InlineData("max_tokens", "1.5", "invalid_type")]
    [InlineData("max_tokens", "\"10\"", "invalid_type")]
    [InlineData("max_tokens", "99999999999", "invalid_type")]
    [InlineData("max_completion_tokens", "-5", "invalid_value")]
    [InlineData("temperature", "-0.1", "invalid_value")]
    [InlineData("temperature", "2.1", "invalid_value")]
    [InlineData("temperature", "1e999", "invalid_value")]
    [InlineData("temperature", "true", "invalid_type")]
    [InlineData("top_p", "0", "invalid_value")]
    [InlineData("top_p", "1.01", "invalid_value")]
    [InlineData("top_k", "-1", "invalid_value")]
    [InlineData("min_p", "2", "invalid_value")]
    [InlineData("repetition_penalty", "0", "invalid_value")]
    [InlineData("presence_penalty", "-3", "invalid_value")]
    [InlineData("frequency_penalty", "3", "invalid_value")]
    [InlineData("logit_bias", "{\"a\":1}", "invalid_value")]
    [InlineData("logit_bias", "{\"-1\":1}", "invalid_value")]
    [InlineData("logit_bias", "[1]", "invalid_type")]
    [InlineData("seed", "\"x\"", "invalid_type")]
    [InlineData("stop", "5", "invalid_type")]
    [InlineData("stop", "[5]", "invalid_type")]
    [InlineData("stop", "\"\"", "invalid_value")]
    [InlineData("stop", "[\"a\",\"\"]", "invalid_value")]
    [InlineData("top_logprobs", "3", "invalid_value")]
    [InlineData("n", "2", "unsupported_parameter")]
    [InlineData("n", "0", "unsupported_parameter")]
    [InlineData("stream", "\"yes\"", "invalid_type")]
    [InlineData("stream_options", "{\"include_usage\":true}", "invalid_value")]
    [InlineData("tools", "[{\"type\":\"function\"}]", "unsupported_parameter")]
    [InlineData("response_format", "{\"type\":\"json_object\"}", "unsupported_parameter")]
    [InlineData("modalities", "[\"audio\"]", "unsupported_parameter")]
    [InlineData("max_token", "5", "unknown_parameter")]
    [InlineData("session", "\"a b\"", "invalid_session_name")]
    [InlineData("session", "\"../../etc\"", "invalid_session_name")]
    [InlineData("session", "\"\"", "invalid_session_name")]
    [InlineData("session", "7", "invalid_type")]
    public async Task Chat_BadField_IsRefusedByName(string field, string value, string code)
    {
        string body = $$"""{"messages":{{Hi}},"{{field}}":{{value}}}""";

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.PostAsync(Chat, body), HttpStatusCode.BadRequest);

        Assert.Equal(code, error.Code);
        Assert.StartsWith(field, error.Param, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_FieldTwice_IsRefused()
    {
        ErrorDetail error = await ApiFixture.ErrorOfAsync(
            await api.PostAsync(Chat, $$"""{"messages":{{Hi}},"seed":1,"seed":2}"""), HttpStatusCode.BadRequest);

        Assert.Contains("seed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_UnknownModel_Is404()
    {
        ErrorDetail error = await ApiFixture.ErrorOfAsync(
            await api.PostAsync(Chat, $$"""{"model":"gpt-9","messages":{{Hi}}}"""), HttpStatusCode.NotFound);

        Assert.Equal(("model_not_found", "model"), (error.Code, error.Param));
        Assert.Contains("gpt-9", error.Message, StringComparison.Ordinal);
        Assert.Contains(ScriptedClient.ModelId, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_InvalidUtf8_IsRefused()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("""{"messages":[{"role":"user","content":"a"""), 0xC3, 0x28, .. Encoding.UTF8.GetBytes("\"}]}")];

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.PostAsync(Chat, body), HttpStatusCode.BadRequest);

        Assert.Equal("invalid_utf8", error.Code);
    }

    [Fact]
    public async Task Chat_HugeBody_Is413()
    {
        byte[] body = new byte[(1 << 20) + 1];
        Array.Fill(body, (byte)' ');

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.PostAsync(Chat, body), HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("request_too_large", error.Code);
    }

    [Fact]
    public async Task Chat_HugeBodyInChunks_Is413()
    {
        using var content = new PushContent(chunks: 40, new byte[64 << 10]);

        using HttpResponseMessage response = await api.Http.PostAsync(Chat, content);

        await ApiFixture.ErrorOfAsync(response, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Chat_DeepNesting_IsRefused()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 5000));

        await ApiFixture.ErrorOfAsync(await api.PostAsync(Chat, $$"""{"messages":{{Hi}},"metadata":{{deep}}"""), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Chat_NotJsonContentType_Is415()
    {
        using var content = new StringContent($$"""{"messages":{{Hi}}}""", Encoding.UTF8, "text/plain");

        await ApiFixture.ErrorOfAsync(await api.Http.PostAsync(Chat, content), HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Chat_TwoSessionNames_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat)
        {
            Content = new StringContent($$"""{"session":"a","messages":{{Hi}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Session", "b");

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.Http.SendAsync(request), HttpStatusCode.BadRequest);

        Assert.Equal("session", error.Param);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v2/models")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("GET", "/v1/sessions/a/b/c")]
    [InlineData("POST", "/v1/sessions/a/fork")]
    public async Task Any_UnknownRoute_Is404AsJson(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.Http.SendAsync(request), HttpStatusCode.NotFound);

        Assert.Equal("unknown_url", error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", Chat)]
    [InlineData("PUT", "/v1/sessions/a")]
    [InlineData("DELETE", "/v1/models")]
    public async Task Any_WrongMethod_Is405AsJson(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.Http.SendAsync(request), HttpStatusCode.MethodNotAllowed);

        Assert.Equal("method_not_allowed", error.Code);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Session_Unknown_Is404(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/v1/sessions/nobody");

        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.Http.SendAsync(request), HttpStatusCode.NotFound);

        Assert.Equal("session_not_found", error.Code);
        Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/sessions/%2e%2e")]
    [InlineData("/v1/sessions/a%20b")]
    [InlineData("/v1/sessions/a%2Fb")]
    [InlineData("/v1/sessions?limit=0")]
    [InlineData("/v1/sessions?limit=x")]
    [InlineData("/v1/sessions?limit=1001")]
    public async Task Sessions_BadNameOrLimit_IsRefused(string path)
    {
        using HttpResponseMessage response = await api.Http.GetAsync(path);

        Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, response.StatusCode.ToString());
        await ApiFixture.ErrorOfAsync(response, response.StatusCode);
    }

    [Theory]
    [InlineData("{}", "text")]
    [InlineData("{\"text\":\"\"}", "text")]
    [InlineData("{\"items\":[]}", "items")]
    [InlineData("{\"text\":\"a\",\"items\":[]}", "text")]
    [InlineData("{\"text\":5}", "text")]
    [InlineData("{\"text\":\"a\",\"repeat\":0}", "repeat")]
    [InlineData("{\"text\":\"a\",\"repeat\":9}", "repeat")]
    [InlineData("{\"text\":\"a\",\"tex\":1}", "tex")]
    public async Task Ingest_BadBody_IsRefused(string body, string param)
    {
        ErrorDetail error = await ApiFixture.ErrorOfAsync(await api.PostAsync("/v1/sessions/s/items", body), HttpStatusCode.BadRequest);

        Assert.Equal(param, error.Param);
    }

    private sealed class PushContent : HttpContent
    {
        private readonly int _chunks;
        private readonly byte[] _chunk;

        public PushContent(int chunks, byte[] chunk)
        {
            (_chunks, _chunk) = (chunks, chunk);
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int i = 0; i < _chunks; i++) await stream.WriteAsync(_chunk);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
