using System.Net;
using System.Net.Http.Headers;
using Actors.Server.Hosting;

namespace Actors.Server.Tests.Api;

public sealed class AccessTests
{
    private const string AliceKey = "alice-key-0123456789", BobKey = "bob-key-0123456789";

    [Fact]
    public async Task Keys_Missing_Is401AndHealthStaysOpen()
    {
        await using var scope = await Scope.StartAsync(WithKeys());

        using HttpResponseMessage refused = await scope.Api.Http.GetAsync("/v1/sessions");
        await ApiFixture.ErrorOfAsync(refused, HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Equal(HttpStatusCode.OK, (await scope.Api.Http.GetAsync("/health")).StatusCode);
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Basic alice-key-0123456789")]
    [InlineData("Bearer ")]
    public async Task Keys_Wrong_Is401(string header)
    {
        await using var scope = await Scope.StartAsync(WithKeys());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions");
        request.Headers.TryAddWithoutValidation("Authorization", header);

        await ApiFixture.ErrorOfAsync(await scope.Api.Http.SendAsync(request), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_Right_OpensTheTenantOfTheKey()
    {
        await using var scope = await Scope.StartAsync(WithKeys());
        foreach (string key in (string[])[AliceKey, BobKey])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            Assert.Equal(HttpStatusCode.OK, (await scope.Api.Http.SendAsync(request)).StatusCode);
        }

        Assert.Equal(["alice", "bob"], scope.Api.Tenants);
    }

    [Fact]
    public async Task NoKeys_OnLoopback_IsTheDefaultTenant()
    {
        await using var scope = await Scope.StartAsync(Options());

        Assert.Equal(HttpStatusCode.OK, (await scope.Api.Http.GetAsync("/v1/sessions")).StatusCode);
        Assert.Equal(["default"], scope.Api.Tenants);
    }

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "null", HttpStatusCode.Forbidden)]
    public async Task NoKeys_ForeignHostOrOrigin_IsRefused(string host, string? origin, HttpStatusCode status)
    {
        await using var scope = await Scope.StartAsync(Options());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;
        if (origin is not null) request.Headers.Add("Origin", origin);

        await ApiFixture.ErrorOfAsync(await scope.Api.Http.SendAsync(request), status);
    }

    [Theory]
    [InlineData("localhost", "http://localhost:3000")]
    [InlineData("[::1]", "http://127.0.0.1")]
    public async Task NoKeys_LocalHostAndOrigin_AreServed(string host, string origin)
    {
        await using var scope = await Scope.StartAsync(Options());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;
        request.Headers.Add("Origin", origin);

        Assert.Equal(HttpStatusCode.OK, (await scope.Api.Http.SendAsync(request)).StatusCode);
    }

    private static ServerOptions Options() => new() { Url = "http://127.0.0.1:0", Data = Path.GetTempPath() };

    private static ServerOptions WithKeys()
    {
        ServerOptions options = Options();
        options.ApiKeys[AliceKey] = "alice";
        options.ApiKeys[BobKey] = "bob";
        return options;
    }

    private sealed class Scope(ApiFixture api) : IAsyncDisposable
    {
        public ApiFixture Api => api;

        public static async Task<Scope> StartAsync(ServerOptions options)
        {
            var api = new ApiFixture(options);
            await api.InitializeAsync();
            return new Scope(api);
        }

        public async ValueTask DisposeAsync() => await api.DisposeAsync();
    }
}
