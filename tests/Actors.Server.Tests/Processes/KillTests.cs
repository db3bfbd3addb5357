using System.Net.Http.Json;
using System.Text.Json;
using Actors.Testing;

namespace Actors.Server.Tests.Processes;

/// <summary>Real processes, really killed.</summary>
public sealed class KillTests
{
    private static readonly object Endless = new Dictionary<string, int> { ["0"] = -100, ["2"] = -100 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Kill_AtRandomMoments_LosesNothing(int seed) => RunAsync(seed, rounds: 3);

    [SlowFact]
    public async Task Kill_AtManyRandomMoments_LosesNothing()
    {
        for (int seed = 100; seed < 110; seed++) await RunAsync(seed, rounds: 12);
    }

    [Fact]
    public async Task Terminate_InMidAnswer_SavesAndExitsWithZero()
    {
        using var folder = new TemporaryDirectory();
        List<string> delivered = [];
        await using (ServerProcess server = await ServerProcess.StartAsync(folder.Path))
        {
            Task<int>? exit = null;
            await foreach (JsonElement chunk in StreamReading.EventsAsync(server.Http, "/v1/chat/completions", Answer("s", "Tell me about files.", 1500)))
            {
                if (!chunk.TryGetProperty("choices", out _)) break;
                delivered.AddRange(StreamReading.TokensOf(chunk));
                if (delivered.Count == 20) exit = server.TerminateAsync();
            }

            Assert.NotNull(exit);
            Assert.Equal(0, await exit);
        }

        await using ServerProcess again = await ServerProcess.StartAsync(folder.Path);
        JsonElement session = await GetAsync(again, "/v1/sessions/s");
        long tokens = session.GetProperty("tokens").GetInt64();
        Assert.InRange(tokens, delivered.Count, 1500);
        Assert.Equal(tokens / 64, session.GetProperty("pages").GetProperty("disk").GetInt64(), 1.0);
    }

    [Fact]
    public async Task Serve_DataFolderOfAnotherServer_EndsWithAClearMessage()
    {
        using var folder = new TemporaryDirectory();
        await using ServerProcess first = await ServerProcess.StartAsync(folder.Path);

        using var second = System.Diagnostics.Process.Start(ServerProcess.Command(ServerProcess.ServeArguments(folder.Path)))!;
        string message = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains(folder.Path, message, StringComparison.Ordinal);
        Assert.Contains("in use", message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", message, StringComparison.Ordinal);
        Assert.True((await first.Http.GetAsync("/ready")).IsSuccessStatusCode);
    }

    /// <summary>
    /// One session is fed and questioned by servers that are killed after a random number of events, and the same session by one server that is
    /// not. Every round must find what was acknowledged, and at the end both continue alike.
    /// </summary>
    private static async Task RunAsync(int seed, int rounds)
    {
        var random = new Random(seed);
        using var folder = new TemporaryDirectory();
        long known = 0;
        for (int round = 0; round < rounds; round++)
        {
            await using ServerProcess server = await ServerProcess.StartAsync(folder.Path);
            if (known > 0)
            {
                long found = (await GetAsync(server, "/v1/sessions/s")).GetProperty("tokens").GetInt64();
                Assert.True(found >= known, $"seed {seed}, round {round}: {known} tokens were acknowledged, {found} are there");
                known = found;
            }

            bool ingest = random.Next(2) == 0;
            int stopAfter = random.Next(1, ingest ? 8 : 40);
            known = ingest
                ? await IngestAndKillAsync(server, Prose(random, lines: 60), known, stopAfter)
                : await AnswerAndKillAsync(server, $"Question {round}?", known, stopAfter);
        }

        await using ServerProcess last = await ServerProcess.StartAsync(folder.Path);
        Assert.True((await GetAsync(last, "/v1/sessions/s")).GetProperty("tokens").GetInt64() >= known, $"seed {seed}");
        using HttpResponseMessage answer = await last.Http.PostAsJsonAsync("/v1/chat/completions", new { session = "s", messages = Messages("What now?"), max_tokens = 4 });
        Assert.True(answer.IsSuccessStatusCode, $"seed {seed}: {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal(0, await last.TerminateAsync());
    }

    private static async Task<long> IngestAndKillAsync(ServerProcess server, string text, long known, int stopAfter)
    {
        long before = known, accepted = 0;
        int events = 0;
        await foreach (JsonElement report in StreamReading.EventsAsync(server.Http, "/v1/sessions/s/items", new { text, stream = true }))
        {
            accepted = report.GetProperty("accepted_tokens").GetInt64();
            if (++events == stopAfter) await server.KillAsync();
        }

        return before + accepted;
    }

    private static async Task<long> AnswerAndKillAsync(ServerProcess server, string question, long known, int stopAfter)
    {
        int delivered = 0;
        await foreach (JsonElement chunk in StreamReading.EventsAsync(server.Http, "/v1/chat/completions", Answer("s", question, 400)))
        {
            delivered += StreamReading.TokensOf(chunk).Count();
            if (delivered >= stopAfter) await server.KillAsync();
        }

        return known + delivered + 1;
    }

    private static object Answer(string session, string question, int tokens) => new
    {
        session,
        stream = true,
        logprobs = true,
        temperature = 0,
        max_tokens = tokens,
        logit_bias = Endless,
        messages = Messages(question),
    };

    private static object[] Messages(string text) => [new { role = "user", content = text }];

    private static string Prose(Random random, int lines) =>
        string.Concat(Enumerable.Range(0, lines).Select(_ => $"Option number {random.Next(10_000)} of the command writes {random.Next(10_000)} files to the folder.\n"));

    private static async Task<JsonElement> GetAsync(ServerProcess server, string path) =>
        JsonDocument.Parse(await server.Http.GetStringAsync(path)).RootElement;
}
