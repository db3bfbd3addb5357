using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Actors.Grains.Abstractions;
using Actors.Server.Cli;
using Actors.Server.Tests.Hosting;

namespace Actors.Server.Tests.Api;

/// <summary>Sessions through HTTP on the whole server.</summary>
public sealed class RealSessionTests(RealServer server) : IClassFixture<RealServer>
{
    [Fact]
    public async Task Session_LivesThroughRestart_WithItsPages()
    {
        string prose = string.Concat(Enumerable.Range(0, 60).Select(i => $"Line {i} of the manual describes option number {i} and what it does to a file.\n"));
        JsonElement ingest = await PostAsync("/v1/sessions/long/items", new { text = "Remember: my cat's code is 30561.\n" + prose });
        Assert.True(ingest.GetProperty("completed").GetBoolean());
        JsonElement before = await GetAsync("/v1/sessions/long");
        await PostAsync("/v1/sessions/twin/items", new { text = "Remember: my cat's code is 30561.\n" + prose });
        JsonElement undisturbed = await PostAsync("/v1/chat/completions", new { session = "twin", messages = Messages("What is my cat's code?"), temperature = 0, max_tokens = 16 });

        await server.RestartAsync();

        JsonElement after = await GetAsync("/v1/sessions/long");
        Assert.Equal(before.GetProperty("tokens").GetInt32(), after.GetProperty("tokens").GetInt32());
        Assert.True(after.GetProperty("pages").GetProperty("disk").GetInt32() >= before.GetProperty("tokens").GetInt32() / 64);
        JsonElement answer = await PostAsync("/v1/chat/completions", new { session = "long", messages = Messages("What is my cat's code?"), temperature = 0, max_tokens = 16 });
        JsonElement usage = answer.GetProperty("usage");
        int prompt = usage.GetProperty("prompt_tokens").GetInt32(), cached = usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
        Assert.Equal(before.GetProperty("tokens").GetInt32() / 64 * 64, cached);
        Assert.True(prompt > before.GetProperty("tokens").GetInt32());
        Assert.Equal(ContentOf(undisturbed), ContentOf(answer));
    }

    [Fact]
    public async Task Session_DeletedAndMadeAgain_HasForgotten()
    {
        await PostAsync("/v1/sessions/brief/items", new { items = Messages("Remember: the pass key is 11223.") });
        Assert.Equal(HttpStatusCode.OK, (await server.Http.DeleteAsync("/v1/sessions/brief")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/v1/sessions/brief")).StatusCode);

        JsonElement again = await PostAsync("/v1/sessions/brief/items", new { items = Messages("Hello.") });

        Assert.Equal(again.GetProperty("total_tokens").GetInt32(), again.GetProperty("session_tokens").GetInt32());
    }

    [Fact]
    public async Task Receipt_OfAnAnswer_NamesTheItemThatToldIt()
    {
        string prose = string.Concat(Enumerable.Range(0, 40).Select(i => $"Line {i} of the manual describes option number {i} and what it does to a file.\n"));
        foreach (string text in (string[])[prose, "Remember: my cat's code is 30561.\n", prose]) await PostAsync("/v1/sessions/receipts/items", new { text });

        JsonElement answer = await PostAsync("/v1/chat/completions", new { session = "receipts", messages = Messages("What is my cat's code?"), temperature = 0, max_tokens = 16, receipt = true });

        Assert.Contains("30561", ContentOf(answer), StringComparison.Ordinal);
        string turn = answer.GetProperty("turn").GetString()!;
        JsonElement body = await GetAsync($"/v1/sessions/receipts/receipts/{turn}"), receipt = body.GetProperty("receipt"), first = receipt.GetProperty("spans")[0];
        Assert.Equal(("turn.receipt", "receipts", turn), (body.GetProperty("object").GetString(), body.GetProperty("session").GetString(), receipt.GetProperty("turn_id").GetString()));
        Assert.Contains("30561", first.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("text", first.GetProperty("role").GetString());
        Assert.True(receipt.GetProperty("tokens")[0].GetProperty("read")[0].GetProperty("mass").GetDouble() > 0);
    }

    [Fact]
    public async Task HttpSessionClient_ReceiptAndPolicy_ComeThrough()
    {
        await using var client = new HttpSessionClient(server.Http.BaseAddress!, apiKey: null);
        await PostAsync("/v1/sessions/remote/items", new { text = "Remember: my cat's code is 30561.\n" });
        var request = new TurnRequest { Items = [new SessionItem { Text = "What is my cat's code?" }], Sampling = new TurnSampling { Temperature = 0 }, MaxNewTokens = 16, Receipt = true };
        string turn = "";
        await foreach (TurnEvent turnEvent in client.RunTurnAsync("remote", request, CancellationToken.None))
            if (turnEvent is TurnAccepted accepted) turn = accepted.TurnId;

        TurnReceipt receipt = (await client.GetReceiptAsync("remote", turn, CancellationToken.None))!;
        SessionInfo changed = (await client.ChangePolicyAsync("remote", "streaming:window=64", CancellationToken.None))!;

        Assert.Equal(turn, receipt.TurnId);
        Assert.Contains("30561", receipt.Spans[0].Text, StringComparison.Ordinal);
        Assert.NotEmpty(receipt.Tokens[0].Read);
        Assert.Equal("streaming:window=64", changed.Policy);
        Assert.Null(await client.GetReceiptAsync("remote", "turn-0", CancellationToken.None));
        Assert.Null(await client.ChangePolicyAsync("nobody", "dense", CancellationToken.None));
        SessionException refused = await Assert.ThrowsAsync<SessionException>(() => client.ChangePolicyAsync("remote", "blocks:kept=0", CancellationToken.None));
        Assert.Equal(SessionErrorCode.InvalidRequest, refused.Code);
    }

    [Fact]
    public async Task Receipt_ThatThereIsNot_Is404AndSaysWhy()
    {
        JsonElement answer = await PostAsync("/v1/chat/completions", new { session = "unasked", messages = Messages("Hello."), temperature = 0, max_tokens = 4 });
        using HttpResponseMessage unasked = await server.Http.GetAsync($"/v1/sessions/unasked/receipts/{answer.GetProperty("turn").GetString()}");
        using HttpResponseMessage odd = await server.Http.GetAsync("/v1/sessions/unasked/receipts/Turn%2F..");
        using HttpResponseMessage nobody = await server.Http.GetAsync("/v1/sessions/nobody/receipts/turn-1");
        using HttpResponseMessage stateless = await server.Http.PostAsJsonAsync("/v1/chat/completions", new { messages = Messages("Hi."), receipt = true });

        Assert.Equal("receipt_not_found", (await ApiFixture.ErrorOfAsync(unasked, HttpStatusCode.NotFound)).Code);
        Assert.Equal("receipt_not_found", (await ApiFixture.ErrorOfAsync(odd, HttpStatusCode.NotFound)).Code);
        Assert.Equal("session_not_found", (await ApiFixture.ErrorOfAsync(nobody, HttpStatusCode.NotFound)).Code);
        Assert.Equal("receipt", (await ApiFixture.ErrorOfAsync(stateless, HttpStatusCode.BadRequest)).Param);
    }

    [Fact]
    public async Task Session_PolicyChangedInMidConversation_GoesOnWithEverythingCached()
    {
        JsonElement ingest = await PostAsync("/v1/sessions/switch/items", new { text = "Remember: my cat's code is 30561.\n", policy = "dense" });

        JsonElement changed = await PostAsync("/v1/sessions/switch/policy", new { policy = "streaming:window=128" });

        Assert.Equal("streaming:window=128", changed.GetProperty("policy").GetString());
        JsonElement answer = await PostAsync("/v1/chat/completions", new { session = "switch", messages = Messages("What is my cat's code?"), temperature = 0, max_tokens = 8 });
        Assert.Equal(ingest.GetProperty("session_tokens").GetInt32(), answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        using HttpResponseMessage unknown = await server.Http.PostAsJsonAsync("/v1/sessions/nobody/policy", new { policy = "dense" });
        await ApiFixture.ErrorOfAsync(unknown, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/v1/sessions/refused/policy", "psychic", "psychic")]
    [InlineData("/v1/sessions/refused/policy", "blocks:window=33:sinks=7", "33")]
    [InlineData("/v1/sessions/refused/items", "streaming:sinks=-1:x=2", "no option 'x'")]
    public async Task Session_PolicyThatCannotBeUsed_IsRefusedBeforeAnythingIsWritten(string path, string policy, string words)
    {
        object body = path.EndsWith("items", StringComparison.Ordinal) ? new { text = "Hello.", policy } : new { policy };
        using HttpResponseMessage response = await server.Http.PostAsJsonAsync(path, body);

        Actors.Server.Api.ErrorDetail error = await ApiFixture.ErrorOfAsync(response, HttpStatusCode.BadRequest);

        Assert.Equal("policy", error.Param);
        Assert.Contains(words, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/v1/sessions/refused")).StatusCode);
    }

    [Fact]
    public async Task Chat_PolicyThatCannotBeUsed_IsRefusedWithoutASessionToo()
    {
        using HttpResponseMessage response = await server.Http.PostAsJsonAsync("/v1/chat/completions", new { messages = Messages("Hi."), policy = "blocks:kept=0" });

        Assert.Contains("kept", (await ApiFixture.ErrorOfAsync(response, HttpStatusCode.BadRequest)).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Sessions_List_PagesThroughAllInOrder()
    {
        foreach (string name in (string[])["p-2", "p-1", "p-3"]) await PostAsync($"/v1/sessions/{name}/items", new { text = "a b c" });

        List<string> names = [];
        for (string? after = "p"; after is not null;)
        {
            JsonElement page = await GetAsync($"/v1/sessions?limit=2&after={after}");
            names.AddRange(page.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!));
            after = page.GetProperty("next").GetString();
        }

        Assert.Equal(["p-1", "p-2", "p-3"], names.Where(name => name.StartsWith("p-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Chat_EmptyMessagesAfterWholeAnswer_IsRefused()
    {
        await PostAsync("/v1/chat/completions", new { session = "done", messages = Messages("Remember: the pass key is 11223."), temperature = 0, max_tokens = 64 });

        using HttpResponseMessage response = await server.Http.PostAsJsonAsync("/v1/chat/completions", new { session = "done", messages = Array.Empty<object>() });

        await ApiFixture.ErrorOfAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Chat_CutAnswerGoesOn_AsIfItHadNeverBeenCut()
    {
        object[] question = Messages("Remember: my horse's code is 74925. What is my horse's code?");
        JsonElement whole = await PostAsync("/v1/chat/completions", new { session = "w", messages = question, temperature = 0, max_tokens = 12 });
        JsonElement first = await PostAsync("/v1/chat/completions", new { session = "c", messages = question, temperature = 0, max_tokens = 3 });
        Assert.Equal("length", first.GetProperty("choices")[0].GetProperty("finish_reason").GetString());

        JsonElement rest = await PostAsync("/v1/chat/completions", new { session = "c", messages = Array.Empty<object>(), temperature = 0, max_tokens = 9 });

        Assert.Equal(ContentOf(whole), ContentOf(first) + ContentOf(rest));
    }

    [Fact]
    public async Task Ready_WithModelAndWritableFolder_Is200()
    {
        JsonElement ready = await GetAsync("/ready");

        Assert.Equal(("ready", "recall-tiny"), (ready.GetProperty("status").GetString(), ready.GetProperty("model").GetString()));
    }

    private static object[] Messages(string text) => [new { role = "user", content = text }];

    private static string ContentOf(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await server.Http.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await server.Http.GetStringAsync(path)).RootElement;
}
