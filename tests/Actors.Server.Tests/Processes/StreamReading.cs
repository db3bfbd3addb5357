using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Actors.Server.Tests.Processes;

/// <summary>Reads server-sent events until the connection ends, however it ends.</summary>
internal static class StreamReading
{
    public static async IAsyncEnumerable<JsonElement> EventsAsync(HttpClient http, string path, object body, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                yield break;
            }

            if (line is null or "data: [DONE]") yield break;
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return JsonDocument.Parse(line["data: ".Length..]).RootElement;
        }
    }

    /// <summary>The tokens of a chunk, by their text.</summary>
    public static IEnumerable<string> TokensOf(JsonElement chunk)
    {
        foreach (JsonElement choice in chunk.GetProperty("choices").EnumerateArray())
        {
            if (choice.GetProperty("logprobs") is not { ValueKind: JsonValueKind.Object } logprobs) continue;
            foreach (JsonElement token in logprobs.GetProperty("content").EnumerateArray()) yield return token.GetProperty("token").GetString()!;
        }
    }
}
