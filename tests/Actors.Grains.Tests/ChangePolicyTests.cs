using Actors.Grains.Abstractions;
using Actors.Testing;

namespace Actors.Grains.Tests;

public sealed class ChangePolicyTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ChangePolicy_InMidConversation_ComputesNothingAgainAndStays(bool restart)
    {
        await _silo.Session("a").IngestAllAsync(Requests.Prose(20, "Remember: the pass key is 90417.\n"));
        long known = (await _silo.Session("a").GetInfoAsync())!.Tokens;
        if (restart) await RestartAsync();

        SessionInfo? changed = await _silo.Session("a").ChangePolicyAsync("streaming:window=64:sinks=4");

        Assert.Equal(("streaming:window=64:sinks=4", known), (changed!.Policy, changed.Tokens));
        List<TurnEvent> answer = await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?"));
        // Pages are what a restart keeps; the rest of the last one is computed by the next turn in any case.
        Assert.Equal(restart ? known / 64 * 64 : known, ((TurnEnded)answer[^1]).Usage.CachedTokens);
        await RestartAsync();
        Assert.Equal("streaming:window=64:sinks=4", (await _silo.Session("a").GetInfoAsync())!.Policy);
    }

    [Fact]
    public async Task ChangePolicy_ThereAndBack_AnswersAsIfNeverChanged()
    {
        await _silo.Session("a").IngestAllAsync(Requests.Prose(20, "Remember: the pass key is 90417.\n"));
        await _silo.Session("b").IngestAllAsync(Requests.Prose(20, "Remember: the pass key is 90417.\n"));
        await _silo.Session("a").ChangePolicyAsync("streaming");
        await _silo.Session("a").ChangePolicyAsync("auto");

        Assert.Equal(
            Requests.TokensOf(await _silo.Session("b").RunAsync(Requests.Greedy("What is the pass key?"))),
            Requests.TokensOf(await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?"))));
    }

    [Theory]
    [InlineData("psychic", "psychic")]
    [InlineData("blocks:window=33:sinks=x:colour=red", "window", "whole number", "colour")]
    [InlineData("dense:prefill", "name:option=value")]
    [InlineData("", "policy")]
    public async Task ChangePolicy_BadPolicy_NamesEverythingAndChangesNothing(string policy, params string[] words)
    {
        await _silo.Session("a").RunAsync(Requests.Greedy("Remember: the pass key is 90417."));
        SessionInfo before = (await _silo.Session("a").GetInfoAsync())!;

        SessionException refused = await Assert.ThrowsAsync<SessionException>(() => _silo.Session("a").ChangePolicyAsync(policy));

        Assert.Equal((SessionErrorCode.InvalidRequest, "policy"), (refused.Code, refused.Parameter));
        Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before with { Fidelity = default }, (await _silo.Session("a").GetInfoAsync())! with { Fidelity = default });
    }

    [Fact]
    public async Task ChangePolicy_HeadFileOfAnotherModel_IsRefusedAndASessionThatUsedItSaysHowToGoOn()
    {
        await _silo.Session("a").RunAsync(Requests.Greedy("Remember: the pass key is 90417.") with { Policy = "razor" });
        await _silo.DisposeAsync();
        using TemporaryDirectory other = new TemporaryDirectory().CopyFrom(RepositoryFiles.BundledModel);
        string heads = File.ReadAllText(other.File("heads.json"));
        File.WriteAllText(other.File("heads.json"), System.Text.RegularExpressions.Regex.Replace(heads, "\"model\": \"[0-9a-f]{8}", "\"model\": \"00000000"));
        _silo = await TestSilo.StartAsync(_folder.Path, model: other.Path);

        SessionException change = await Assert.ThrowsAsync<SessionException>(() => _silo.Session("a").ChangePolicyAsync("duo"));
        SessionException goOn = await Assert.ThrowsAsync<SessionException>(() => _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?")));

        Assert.All((SessionException[])[change, goOn], refused =>
        {
            Assert.Equal((SessionErrorCode.InvalidRequest, "policy"), (refused.Code, refused.Parameter));
            Assert.Contains("another model", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(other.Path, refused.Message, StringComparison.Ordinal);
        });
        Assert.Contains("'razor'", goOn.Message, StringComparison.Ordinal);
        List<TurnEvent> answer = await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?") with { Policy = "auto" });
        Assert.Contains("90417", Requests.TextOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangePolicy_SessionNeverWrittenTo_IsNullAndMakesNone()
    {
        Assert.Null(await _silo.Session("nobody").ChangePolicyAsync("dense"));
        Assert.Empty(_silo.Data.List("test"));
    }

    [Fact]
    public async Task ChangePolicy_WhileATurnRuns_WaitsForItsEnd()
    {
        ISessionGrain session = _silo.Session("a");
        await using IAsyncEnumerator<TurnEvent> running = session.RunTurnAsync(Requests.Endless("hello", 40)).GetAsyncEnumerator();
        Assert.True(await running.MoveNextAsync());
        Task<SessionInfo?> change = session.ChangePolicyAsync("dense");
        Assert.False(change.IsCompleted);
        TurnEvent last = running.Current;
        while (await running.MoveNextAsync()) last = running.Current;

        SessionInfo? changed = await change;

        Assert.Equal(40, ((TurnEnded)last).Usage.CompletionTokens);
        Assert.Equal(("dense", 1), (changed!.Policy, changed.Turns));
    }

    private async Task RestartAsync()
    {
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path);
    }
}
