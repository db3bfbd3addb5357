using System.Net.Http.Json;
using System.Text.Json;
using Actors.Testing;

namespace Actors.Server.Tests.Processes;

/// <summary>What follows a kill is what would have followed without it.</summary>
public sealed class KillContinuationTests
{
    private const int Tokens = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(23)]
    public async Task Kill_InMidAnswer_ContinuationEqualsTheUninterruptedAnswer(int stopAfter)
    {
        using var folder = new TemporaryDirectory();
        List<string> delivered = [];
        string uncut;
        await using (ServerProcess server = await ServerProcess.StartAsync(folder.Path))
        {
            uncut = await WholeAsync(server, "uncut", Question(), Tokens);
            await foreach (JsonElement chunk in StreamReading.EventsAsync(server.Http, "/v1/chat/completions", Body("s", Question(), Tokens, stream: true)))
            {
                delivered.AddRange(StreamReading.TokensOf(chunk));
                if (delivered.Count >= stopAfter) await server.KillAsync();
            }
        }

        await using ServerProcess again = await ServerProcess.StartAsync(folder.Path);
        long prompt = (await SessionAsync(again, "uncut")) - Tokens;
        int held = (int)(await SessionAsync(again, "s") - prompt);
        Assert.InRange(held, delivered.Count, Tokens);
        string rest = held == Tokens ? "" : await WholeAsync(again, "s", [], Tokens - held);

        Assert.EndsWith(rest, uncut, StringComparison.Ordinal);
        Assert.StartsWith(string.Concat(delivered), uncut, StringComparison.Ordinal);
        Assert.Equal(await WholeAsync(again, "uncut", Next(), 20), await WholeAsync(again, "s", Next(), 20));
    }

    private static object[] Question() => [new { role = "user", content = "Remember: my horse's code is 74925. Tell me about files and folders." }];

    private static object[] Next() => [new { role = "user", content = "What is my horse's code?" }];

    private static object Body(string session, object[] messages, int tokens, bool stream) => new
    {
        session,
        stream,
        messages,
        logprobs = true,
        temperature = 0,
        max_tokens = tokens,
        logit_bias = new Dictionary<string, int> { ["0"] = -100, ["2"] = -100 },
    };

    private static async Task<string> WholeAsync(ServerProcess server, string session, object[] messages, int tokens)
    {
        using HttpResponseMessage response = await server.Http.PostAsJsonAsync("/v1/chat/completions", Body(session, messages, tokens, stream: false));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    private static async Task<long> SessionAsync(ServerProcess server, string session) =>
        JsonDocument.Parse(await server.Http.GetStringAsync($"/v1/sessions/{session}")).RootElement.GetProperty("tokens").GetInt64();
}
