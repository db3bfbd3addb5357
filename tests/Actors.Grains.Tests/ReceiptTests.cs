using Actors.Grains.Abstractions;
using Actors.Storage;
using Actors.Testing;

namespace Actors.Grains.Tests;

public sealed class ReceiptTests : IAsyncLifetime
{
    private const string Fact = "Remember: my horse's code is 74925.\n", Question = "What is my horse's code?";

    private readonly TemporaryDirectory _folder = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("auto", 0)]
    [InlineData("auto", 60)]
    [InlineData("auto", 150)]
    [InlineData("dense", 5)]
    [InlineData("blocks", 100)]
    public async Task GetReceipt_FactInManyLines_RanksItsPlaceFirst(string policy, int linesBefore)
    {
        ISessionGrain session = _silo.Session("a");
        await session.IngestAllAsync(Prose(0, linesBefore) with { Policy = policy });
        await session.IngestAllAsync(Text(Fact));
        await session.IngestAllAsync(Prose(linesBefore, policy == "dense" ? 5 : 60));

        (string turn, List<TurnEvent> events) = await AskAsync(session, Question);
        TurnReceipt receipt = (await session.GetReceiptAsync(turn))!;

        Assert.Contains("74925", Requests.TextOf(events), StringComparison.Ordinal);
        ReceiptSpan first = receipt.Spans[0];
        Assert.Equal((turn, policy, 1), (receipt.TurnId, receipt.Policy, first.Rank));
        Assert.Contains("74925", first.Text, StringComparison.Ordinal);
        Assert.NotEmpty(first.Focus);
        Assert.Contains(first.Focus, first.Text, StringComparison.Ordinal);
        Assert.Equal(SessionItem.TextRole, first.Role);
        Assert.Equal(Requests.TokensOf(events).Length, receipt.AnswerTokens);
        Assert.Equal(receipt.AnswerTokens, receipt.Tokens.Length);
        Assert.Equal(Enumerable.Range(1, receipt.Spans.Length), receipt.Spans.Select(span => span.Rank));
        Assert.InRange(receipt.Spans.Sum(span => span.Share), 0.5, 1 + 1e-9);
        Assert.Equal(1f, receipt.Zones.Sinks + receipt.Zones.Window + receipt.Zones.Memory + receipt.Zones.Summaries, 2);
        Assert.Equal(first.Item, receipt.Items[0].Item);
        // Nothing of the question or of the answer is named.
        long held = ((TurnAccepted)events[0]).PromptTokens;
        Assert.All(receipt.Spans, span => Assert.True(span.EndToken <= held - _silo.Model.AssistantPrefix.Length));
    }

    [Fact]
    public async Task GetReceipt_Spans_AreTheCharactersOfTheirItems()
    {
        ISessionGrain session = _silo.Session("a");
        string[] texts = [Fact, string.Concat(Enumerable.Range(0, 7).Select(i => $"Größe {i}: naïve “quotes” – and 漢字 number {i * 7}.\n")), "Über alles: the end of the list.\n"];
        foreach (string text in texts) await session.IngestAllAsync(Text(text));
        await session.RunAsync(Requests.Greedy("  Remember: my cat's code is 30561.  "));

        (string turn, _) = await AskAsync(session, Question);
        TurnReceipt receipt = (await session.GetReceiptAsync(turn))!;

        Assert.True(receipt.Spans.Length >= 3);
        string[] journaled = [.. texts, "  Remember: my cat's code is 30561.  "];
        Assert.All(receipt.Spans.Where(span => span.Item < journaled.Length), span => Assert.Equal(journaled[span.Item][span.Start!.Value..span.End!.Value], span.Text));
        Assert.Contains(receipt.Spans, span => span.Item == 1 && span.Text.Contains('漢', StringComparison.Ordinal));
        Assert.All(receipt.Spans.Where(span => span.Item == 4), span => Assert.Equal("assistant", span.Role));
        Assert.Equal(receipt.Items.Length, receipt.Spans.Select(span => span.Item).Distinct().Count());
    }

    [Fact]
    public async Task GetReceipt_FactAndQuestionInOneLongMessage_RanksTheFact()
    {
        ISessionGrain session = _silo.Session("a");
        string prose = Prose(0, 30).Items[0].Text;

        (string turn, List<TurnEvent> events) = await AskAsync(session, $"{prose}{Fact}{prose}{Question}");
        TurnReceipt receipt = (await session.GetReceiptAsync(turn))!;

        Assert.Contains("74925", Requests.TextOf(events), StringComparison.Ordinal);
        Assert.Contains("74925", receipt.Spans[0].Text, StringComparison.Ordinal);
        Assert.Equal((0, "user"), (receipt.Spans[0].Item, receipt.Spans[0].Role));
    }

    [Fact]
    public async Task GetReceipt_AfterRestartAndDeletion_StaysAndGoesWithTheSession()
    {
        await _silo.Session("a").IngestAllAsync(Text(Fact));
        (string turn, _) = await AskAsync(_silo.Session("a"), Question);
        TurnReceipt before = (await _silo.Session("a").GetReceiptAsync(turn))!;
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path);

        TurnReceipt after = (await _silo.Session("a").GetReceiptAsync(turn))!;

        Assert.Equal(before.Spans.ToArray(), after.Spans.ToArray());
        Assert.Null(await _silo.Session("a").GetReceiptAsync("turn-0"));
        Assert.Null(await _silo.Session("a").GetReceiptAsync("../manifest"));
        Assert.Null(await _silo.Session("nobody").GetReceiptAsync(turn));
        await _silo.Session("a").DeleteAsync();
        Assert.Null(await _silo.Session("a").GetReceiptAsync(turn));
    }

    [Fact]
    public async Task RunTurn_NotAskedFor_MakesNoneUnlessTheServerAlwaysDoes()
    {
        ISessionGrain session = _silo.Session("a");
        List<TurnEvent> events = await session.RunAsync(Requests.Greedy(Requests.Question));
        Assert.Null(await session.GetReceiptAsync(((TurnAccepted)events[0]).TurnId));

        using var folder = new TemporaryDirectory();
        await using TestSilo always = await TestSilo.StartAsync(folder.Path, options => options.RecordReceipts = true);
        await always.Session("a").RunAsync(Requests.Greedy("Remember: the pass key is 90417."));
        events = await always.Session("a").RunAsync(Requests.Greedy("What is the pass key?"));
        Assert.Contains("90417", (await always.Session("a").GetReceiptAsync(((TurnAccepted)events[0]).TurnId))!.Spans[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunTurn_CutShort_KeepsTheReceiptOfWhatWasDelivered()
    {
        ISessionGrain session = _silo.Session("a");
        await session.IngestAllAsync(Text(Fact));
        string turn = "";
        int delivered = 0;
        await foreach (TurnEvent turnEvent in session.RunTurnAsync(Requests.Endless(Question, 500) with { Receipt = true }))
        {
            if (turnEvent is TurnAccepted accepted) turn = accepted.TurnId;
            if (turnEvent is TurnDelta && ++delivered == 6) break;
        }
        SessionInfo info = (await session.GetInfoAsync())!;
        await session.RunAsync(Requests.Greedy("Go on.", 1)); // waits until the cut turn is over

        Assert.InRange((await session.GetReceiptAsync(turn))!.AnswerTokens, 6, 20);
        Assert.True(info.Tokens > 0);
    }

    [Fact]
    public async Task HistoryItems_AnyJournal_CoverTheTokensInOrder()
    {
        ISessionGrain session = _silo.Session("a");
        await session.IngestAllAsync(Prose(0, 20));
        await session.RunAsync(Requests.Greedy(Fact, 3));
        await session.RunAsync(Requests.Greedy("", 4)); // the cut answer goes on
        await session.RunAsync(Requests.Greedy(Question));
        await _silo.DisposeAsync();

        using (DataFolder data = DataFolder.Open(_folder.Path))
        {
            await using SessionJournal journal = data.Session("test", "a").OpenJournal();
            IReadOnlyList<HistoryItem> items = HistoryItems.Read(journal.Read(), (_, _) => true), bare = HistoryItems.Read(journal.Read(), (_, _) => false);
            SessionHistory history = JournalReplay.Read(journal.Read(), DateTimeOffset.UnixEpoch);
            Assert.Equal(history.Tokens.ToArray(), items.SelectMany(item => item.Tokens));
            Assert.Equal(["user", "assistant", "user", "assistant"], items.Where(item => item.Role != SessionItem.TextRole).Select(item => item.Role));
            Assert.Equal(items.Select(item => (item.FirstToken, item.EndToken)), bare.Select(item => (item.FirstToken, item.EndToken)));
            Assert.All(bare, item => Assert.Equal(("", 0), (item.Text, item.Tokens.Length)));
        }
        _silo = await TestSilo.StartAsync(_folder.Path);
    }

    private static async Task<(string Turn, List<TurnEvent> Events)> AskAsync(ISessionGrain session, string question)
    {
        List<TurnEvent> events = await session.RunAsync(Requests.Greedy(question) with { Receipt = true });
        return (((TurnAccepted)events[0]).TurnId, events);
    }

    private static IngestRequest Text(string text) => new() { Items = [new SessionItem { Role = SessionItem.TextRole, Text = text }] };

    private static IngestRequest Prose(int first, int lines) => Text(
        lines == 0 ? "The manual begins here.\n" : string.Concat(Enumerable.Range(first, lines).Select(i => $"Line {i} of the manual describes option number {i} and what it does to a file.\n")));
}
