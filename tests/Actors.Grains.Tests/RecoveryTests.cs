using Actors.Grains.Abstractions;
using Actors.Testing;

namespace Actors.Grains.Tests;

/// <summary>What a kill leaves on the disk is copied in mid-flight; a second silo goes on from the copy.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private readonly List<string> _copies = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
        foreach (string copy in _copies) Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task Kill_InMidAnswer_KeepsDeliveredTokensAndGoesOnTheSame()
    {
        const int Tokens = 40;
        int[] uncut = Requests.TokensOf(await _silo.Session("uncut").RunAsync(Requests.Endless(Requests.Question, Tokens)));
        List<(int Delivered, string Copy)> kills = [];
        int delivered = 0;
        await foreach (TurnEvent turnEvent in _silo.Session("a").RunTurnAsync(Requests.Endless(Requests.Question, Tokens)))
        {
            if (turnEvent is TurnAccepted) kills.Add((0, Crash()));
            if (turnEvent is TurnDelta && ++delivered is 1 or 7 or 25) kills.Add((delivered, Crash()));
        }

        foreach ((int seen, string copy) in kills)
        {
            await using TestSilo silo = await TestSilo.StartAsync(copy);
            ISessionGrain session = silo.Session("a");
            long held = (await session.GetInfoAsync())!.Tokens;
            long prompt = _silo.Model.Encode([new SessionItem { Text = Requests.Question }], HistoryEnd.Nothing, null).Sum(item => item.Tokens.Length);
            long answered = Math.Max(0, held - prompt - _silo.Model.AssistantPrefix.Length);
            Assert.InRange(answered, seen, Tokens);

            int[] rest = answered == Tokens ? [] : Requests.TokensOf(await session.RunAsync(Requests.Endless("", Tokens - (int)answered)));

            Assert.Equal(uncut.AsSpan((int)answered).ToArray(), rest);
        }
    }

    [Fact]
    public async Task Kill_InMidIngest_LosesNoAcceptedTokenAndComputesLittleAgain()
    {
        IngestRequest prose = Requests.Prose(50, first: "Remember: my cat's code is 30561.\n");
        List<(IngestProgress Seen, string Copy)> kills = [];
        await foreach (IngestProgress progress in _silo.Session("a").IngestAsync(prose))
            if (kills.Count == 0 || (progress.ComputedTokens >= progress.TotalTokens / 2 && kills.Count == 1)) kills.Add((progress, Crash()));
        string expected = Requests.TextOf(await _silo.Session("a").RunAsync(Requests.Greedy("What is my cat's code?")));

        Assert.Equal(2, kills.Count);
        foreach ((IngestProgress seen, string copy) in kills)
        {
            await using TestSilo silo = await TestSilo.StartAsync(copy);
            ISessionGrain session = silo.Session("a");
            Assert.InRange((await session.GetInfoAsync())!.Tokens, seen.AcceptedTokens, seen.TotalTokens);
            if ((await session.GetInfoAsync())!.Tokens < seen.TotalTokens) continue;

            List<TurnEvent> events = await session.RunAsync(Requests.Greedy("What is my cat's code?"));

            Assert.Equal(expected, Requests.TextOf(events));
            Assert.InRange(((TurnEnded)events[^1]).Usage.CachedTokens, seen.ComputedTokens - (2 * 128), seen.TotalTokens);
        }
    }

    [Fact]
    public async Task Restart_Graceful_ComputesAtMostOnePageAgain()
    {
        await _silo.Session("a").IngestAllAsync(Requests.Prose(30));
        long tokens = (await _silo.Session("a").GetInfoAsync())!.Tokens;
        await RestartAsync();

        var ended = (TurnEnded)(await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?", 2)))[^1];

        Assert.Equal(tokens / 64 * 64, ended.Usage.CachedTokens);
    }

    [Fact]
    public async Task Page_WithFlippedBit_IsComputedAgain()
    {
        await _silo.Session("a").IngestAllAsync(Requests.Prose(30, first: "Remember: my cat's code is 30561.\n"));
        string copy = Crash();
        string undamaged = Requests.TextOf(await _silo.Session("a").RunAsync(Requests.Greedy("What is my cat's code?")));
        string page = Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories)
            .Where(path => path.Contains($"{Path.DirectorySeparatorChar}pages{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Order(StringComparer.Ordinal).First();
        Flip(page, new FileInfo(page).Length / 2);
        await using TestSilo silo = await TestSilo.StartAsync(copy);
        long tokens = (await silo.Session("a").GetInfoAsync())!.Tokens;

        List<TurnEvent> events = await silo.Session("a").RunAsync(Requests.Greedy("What is my cat's code?"));

        Assert.Equal(undamaged, Requests.TextOf(events));
        Assert.True(((TurnEnded)events[^1]).Usage.CachedTokens < tokens / 64 * 64);
    }

    [Fact]
    public async Task Journal_DamagedInTheMiddle_IsAClearErrorOfThatSessionOnly()
    {
        await _silo.Session("bad").RunAsync(Requests.Greedy("Remember: the pass key is 90417.", 4));
        await _silo.Session("bad").RunAsync(Requests.Greedy("What is the pass key?", 4));
        await _silo.Session("good").RunAsync(Requests.Greedy("hello", 4));
        string journal = _silo.Data.Session("test", "bad").JournalPath;
        await _silo.DisposeAsync();
        Flip(journal, new FileInfo(journal).Length / 2);
        _silo = await TestSilo.StartAsync(_folder.Path);

        SessionException refused = await Assert.ThrowsAsync<SessionException>(() => _silo.Session("bad").RunAsync(Requests.Greedy("hi")));

        Assert.Equal(SessionErrorCode.JournalDamaged, refused.Code);
        Assert.Contains("journal", refused.Message, StringComparison.Ordinal);
        Assert.Contains("byte", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await _silo.Session("good").RunAsync(Requests.Greedy("hi", 2)));
        Assert.True(await _silo.Session("bad").DeleteAsync());
        Assert.NotEmpty(await _silo.Session("bad").RunAsync(Requests.Greedy("hi", 2)));
    }

    [Fact]
    public async Task Model_OtherWeights_MissesAllPagesAndKeepsTheHistory()
    {
        await _silo.Session("a").IngestAllAsync(Requests.Prose(30));
        long tokens = (await _silo.Session("a").GetInfoAsync())!.Tokens;
        await _silo.DisposeAsync();
        using TemporaryDirectory other = new TemporaryDirectory().CopyFrom(RepositoryFiles.BundledModel);
        Flip(other.File("model.safetensors"), new FileInfo(other.File("model.safetensors")).Length - 100);
        _silo = await TestSilo.StartAsync(_folder.Path, model: other.Path);

        Assert.Equal((tokens, 0L), ((await _silo.Session("a").GetInfoAsync())!.Tokens, (await _silo.Session("a").GetInfoAsync())!.ComputedTokens));
        List<TurnEvent> events = await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?", 2));

        var ended = (TurnEnded)events[^1];
        Assert.Equal(0, ended.Usage.CachedTokens);
        Assert.True(ended.Usage.PromptTokens > tokens);
        await RestartAsync();
        Assert.Equal(0, ((TurnEnded)(await _silo.Session("a").RunAsync(Requests.Greedy("And now?", 2)))[^1]).Usage.CachedTokens);
    }

    [Fact]
    public async Task Model_OtherTemplate_WritesTheConversationAgainFromItsTexts()
    {
        string answer = Requests.TextOf(await _silo.Session("a").RunAsync(Requests.Greedy("Remember: the pass key is 90417.")));
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path, template: "plain");

        var accepted = (TurnAccepted)(await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?", 2)))[0];

        SessionItem[] all =
        [
            new() { Text = "Remember: the pass key is 90417." }, new() { Role = SessionModel.AnswerRole, Text = answer }, new() { Text = "What is the pass key?" },
        ];
        int expected = _silo.Model.Encode(all, HistoryEnd.Nothing, null).Sum(item => item.Tokens.Length) + _silo.Model.AssistantPrefix.Length;
        Assert.Equal(expected, accepted.PromptTokens);
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path);
        string back = Requests.TextOf(await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?")));
        Assert.Contains("90417", back, StringComparison.Ordinal);
    }

    private string Crash()
    {
        string copy = _silo.Crash();
        _copies.Add(copy);
        return copy;
    }

    private async Task RestartAsync()
    {
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path);
    }

    private static void Flip(string path, long offset)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x10));
    }
}
