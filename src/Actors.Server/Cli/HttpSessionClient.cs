using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Actors.Grains.Abstractions;
using Actors.Server.Api;
using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary>The sessions of a running server, over its HTTP API. Safe for concurrent use.</summary>
internal sealed class HttpSessionClient : ISessionClient, IAsyncDisposable
{
    private readonly HttpClient _http;

    /// <summary>Creates a client; connects with the first call.</summary>
    /// <param name="server">Address of the server.</param>
    /// <param name="apiKey">Key that the server asks for, or null.</param>
    /// <param name="handler">What carries requests, or null for the network. The client disposes it.</param>
    public HttpSessionClient(Uri server, string? apiKey, HttpMessageHandler? handler = null)
    {
        _http = new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        if (apiKey is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public async Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/models"), cancellationToken);
        return [.. (await ReadAsync(response, ApiJson.Default.ModelList, cancellationToken)).Data.Select(model => model.Id)];
    }

    public async IAsyncEnumerable<TurnEvent> RunTurnAsync(
        string? session, TurnRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await PostAsync("/v1/chat/completions", ChatBody.From(session, request), ApiJson.Default.ChatCompletionRequest, cancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var events = new TurnEventReader();
        await foreach ((bool isComment, string text) in ServerEvents.ReadAsync(body, cancellationToken))
            if ((isComment ? events.Comment(text) : events.Data(text)) is { } turnEvent) yield return turnEvent;

        yield return events.End();
    }

    public async IAsyncEnumerable<IngestProgress> IngestAsync(
        string session, IngestRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new IngestBody
        {
            Text = request.Items is [{ Role: SessionItem.TextRole } only] ? only.Text : null,
            Items = request.Items is [{ Role: SessionItem.TextRole }] ? null : ChatBody.MessagesOf(request.Items),
            Policy = request.Policy, Stream = true,
        };
        using HttpResponseMessage response = await PostAsync($"/v1/sessions/{Uri.EscapeDataString(session)}/items", body, ApiJson.Default.IngestBody, cancellationToken);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach ((bool isComment, string text) in ServerEvents.ReadAsync(stream, cancellationToken))
        {
            if (isComment) continue;
            ServerError.ThrowIfError(text);
            IngestReport report = JsonSerializer.Deserialize(text, ApiJson.Default.IngestReport) ?? throw ServerError.NotUnderstood();
            yield return new IngestProgress
            {
                AcceptedTokens = report.AcceptedTokens, ComputedTokens = report.ComputedTokens, TotalTokens = report.TotalTokens,
                SessionTokens = report.SessionTokens, Completed = report.Completed,
            };
        }
    }

    public async Task<SessionPage> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        string query = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions?limit={limit}{query}"), cancellationToken);
        SessionList list = await ReadAsync(response, ApiJson.Default.SessionList, cancellationToken);
        return new SessionPage([.. list.Data.Select(entry => entry.ToInfo())], list.Next);
    }

    public async Task<SessionInfo?> ShowAsync(string session, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, PathOf(session)), cancellationToken, HttpStatusCode.NotFound);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        return (await ReadAsync(response, ApiJson.Default.SessionEntry, cancellationToken)).ToInfo();
    }

    public async Task<SessionInfo?> ChangePolicyAsync(string session, string policy, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{PathOf(session)}/policy") { Content = JsonContent.Create(new PolicyBody { Policy = policy }, ApiJson.Default.PolicyBody) };
        using HttpResponseMessage response = await SendAsync(request, cancellationToken, HttpStatusCode.NotFound);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        return (await ReadAsync(response, ApiJson.Default.SessionEntry, cancellationToken)).ToInfo();
    }

    public async Task<TurnReceipt?> GetReceiptAsync(string session, string turn, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{PathOf(session)}/receipts/{Uri.EscapeDataString(turn)}");
        using HttpResponseMessage response = await SendAsync(request, cancellationToken, HttpStatusCode.NotFound);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        return (await ReadAsync(response, ApiJson.Default.ReceiptBody, cancellationToken)).Receipt;
    }

    public async Task<bool> DeleteAsync(string session, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, PathOf(session)), cancellationToken, HttpStatusCode.NotFound);
        return response.StatusCode != HttpStatusCode.NotFound;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string PathOf(string session) => $"/v1/sessions/{Uri.EscapeDataString(session)}";

    private Task<HttpResponseMessage> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, type) }, cancellationToken);

    /// <summary>Sends and returns once the headers are there; a failed status becomes an exception unless it is <paramref name="allowed"/>.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken, HttpStatusCode? allowed = null)
    {
        using (request)
        {
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode || response.StatusCode == allowed) return response;
            using (response) throw ServerError.From((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw ServerError.NotUnderstood();
        }
        catch (JsonException exception)
        {
            throw ServerError.NotUnderstood(exception);
        }
    }
}
