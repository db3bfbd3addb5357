using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Actors.Server.Api;
using Actors.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Server.Tests.Api;

/// <summary>The HTTP side on a real port, over a scripted backend.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private readonly WebApplication _app;

    public ApiFixture()
        : this(new ServerOptions { Url = "http://127.0.0.1:0", MaxRequestMiB = 1, Data = Path.GetTempPath() })
    {
    }

    internal ApiFixture(ServerOptions options)
    {
        _app = ServerHost.Compose(options, builder =>
        {
            builder.Services.AddSingleton(new ModelIdentity(ScriptedClient.ModelId, "fp_test", 1_700_000_000));
            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.AddSingleton(new SessionClients(tenant =>
            {
                Tenants.Add(tenant);
                return Client;
            }));
        });
    }

    internal ScriptedClient Client { get; private set; } = new();

    internal List<string> Tenants { get; } = [];

    internal HttpClient Http { get; } = new();

    internal Uri Address => Http.BaseAddress!;

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Http.BaseAddress = new Uri(ServerHost.AddressOf(_app));
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    internal Task<HttpResponseMessage> PostAsync(string path, string json) => PostAsync(path, Encoding.UTF8.GetBytes(json));

    internal Task<HttpResponseMessage> PostAsync(string path, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Http.PostAsync(path, content);
    }

    /// <summary>Checks that the response is an error object of this status and returns it.</summary>
    internal static async Task<ErrorDetail> ErrorOfAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"expected {(int)status}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        ErrorBody body = JsonSerializer.Deserialize(text, ApiJson.Default.ErrorBody)!;
        Assert.False(string.IsNullOrWhiteSpace(body.Error.Message));
        Assert.False(string.IsNullOrWhiteSpace(body.Error.Type));
        return body.Error;
    }
}
