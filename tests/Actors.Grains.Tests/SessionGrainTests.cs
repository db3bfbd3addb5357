using Actors.Grains.Abstractions;
using Actors.Testing;

namespace Actors.Grains.Tests;

public sealed class SessionGrainTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task RunTurn_Question_GivesEventsInOrder()
    {
        List<TurnEvent> events = await _silo.Session("a").RunAsync(Requests.Greedy(Requests.Question));

        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => (long)i), events.Select(turnEvent => turnEvent.Sequence));
        var accepted = Assert.IsType<TurnAccepted>(events[0]);
        var ended = Assert.IsType<TurnEnded>(events[^1]);
        Assert.Contains(events, turnEvent => turnEvent is TurnProgress);
        Assert.Equal(accepted.PromptTokens, ended.Usage.PromptTokens);
        Assert.Equal(Requests.TokensOf(events).Length, ended.Usage.CompletionTokens);
        Assert.Equal(Requests.TextOf(events), _silo.Model.TextOf(Requests.TokensOf(events)));
    }

    [Fact]
    public async Task RunTurn_FactOfAnEarlierTurn_IsRemembered()
    {
        await _silo.Session("a").RunAsync(Requests.Greedy("Remember: the pass key is 90417."));

        List<TurnEvent> events = await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?"));

        Assert.Contains("90417", Requests.TextOf(events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunTurn_ManyTurns_HistoryEqualsOneConversationWrittenAtOnce()
    {
        ISessionGrain session = _silo.Session("a");
        int[] first = Requests.TokensOf(await session.RunAsync(Requests.Greedy("Remember: the pass key is 90417.")));
        int[] second = Requests.TokensOf(await session.RunAsync(Requests.Greedy("What is the pass key?")));
        SessionInfo info = (await session.GetInfoAsync())!;
        await _silo.DisposeAsync();

        int[] tokens = await TestSilo.TokensAsync(_folder.Path, "a");

        _silo = await TestSilo.StartAsync(_folder.Path);
        int[] Encode(string text, HistoryEnd end) => [.. _silo.Model.Encode([new SessionItem { Text = text }], end, null).SelectMany(item => item.Tokens)];
        int[] expected =
        [
            .. Encode("Remember: the pass key is 90417.", HistoryEnd.Nothing), .. _silo.Model.AssistantPrefix.Span, .. first,
            .. Encode("What is the pass key?", HistoryEnd.WholeAnswer), .. _silo.Model.AssistantPrefix.Span, .. second,
        ];
        Assert.Equal(expected, tokens);
        Assert.Equal((expected.Length, 2), (info.Tokens, info.Turns));
    }

    [Fact]
    public async Task RunTurn_CallerLeaves_KeepsExactlyWhatWasDelivered()
    {
        ISessionGrain session = _silo.Session("a");
        long prompt = 0;
        int delivered = 0;
        await foreach (TurnEvent turnEvent in session.RunTurnAsync(Requests.Endless(Requests.Question, 500)))
        {
            if (turnEvent is TurnAccepted accepted) prompt = accepted.PromptTokens;
            if (turnEvent is TurnDelta && ++delivered == 5) break;
        }

        List<TurnEvent> next = await session.RunAsync(Requests.Greedy("What is my horse's code?"));

        int suffix = _silo.Model.Encode([new SessionItem { Text = "What is my horse's code?" }], HistoryEnd.CutAnswer, "assistant").Sum(item => item.Tokens.Length);
        long held = ((TurnAccepted)next[0]).PromptTokens - suffix - _silo.Model.AssistantPrefix.Length - prompt;
        // Orleans hands events out in batches, so that the grain may have passed on more than the caller took.
        Assert.InRange(held, delivered, 499);
        await _silo.DisposeAsync();
        int[] tokens = await TestSilo.TokensAsync(_folder.Path, "a");
        _silo = await TestSilo.StartAsync(_folder.Path);
        int[] uncut = Requests.TokensOf(await _silo.Session("b").RunAsync(Requests.Endless(Requests.Question, (int)held)));
        Assert.Equal(uncut, tokens.AsSpan((int)prompt, (int)held).ToArray());
    }

    [Fact]
    public async Task RunTurn_CancelledWhileWaiting_WritesNothing()
    {
        ISessionGrain session = _silo.Session("a");
        await using IAsyncEnumerator<TurnEvent> running = session.RunTurnAsync(Requests.Endless("hello", 2000)).GetAsyncEnumerator();
        Assert.True(await running.MoveNextAsync());
        long before = (await session.GetInfoAsync())!.Tokens;
        using var cancel = new CancellationTokenSource();
        Task<List<TurnEvent>> waiting = CollectAsync(session.RunTurnAsync(Requests.Greedy("this must not be kept"), cancel.Token));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await running.DisposeAsync();
        List<TurnEvent> next = await session.RunAsync(Requests.Greedy("bye", 2));
        await _silo.DisposeAsync();
        int[] tokens = await TestSilo.TokensAsync(_folder.Path, "a");
        _silo = await TestSilo.StartAsync(_folder.Path);
        string text = _silo.Model.TextOf(tokens);
        Assert.DoesNotContain("not be kept", text, StringComparison.Ordinal);
        Assert.True(((TurnAccepted)next[0]).PromptTokens > before);
    }

    [Fact]
    public async Task RunTurn_TwoAtOnce_RunOneAfterTheOther()
    {
        ISessionGrain session = _silo.Session("a");

        Task<List<TurnEvent>>[] turns = [.. Enumerable.Range(0, 4).Select(i => session.RunAsync(Requests.Endless($"question {i}", 6)))];
        List<TurnEvent>[] answers = await Task.WhenAll(turns);

        long[] prompts = [.. answers.Select(events => ((TurnAccepted)events[0]).PromptTokens).Order()];
        Assert.All(answers, events => Assert.Equal(6, Requests.TokensOf(events).Length));
        for (int i = 1; i < prompts.Length; i++) Assert.True(prompts[i] > prompts[i - 1] + 6, string.Join(" ", prompts));
        Assert.Equal(4, (await session.GetInfoAsync())!.Turns);
    }

    [Fact]
    public async Task RunTurn_SiloFull_IsRefusedBeforeAnythingIsWritten()
    {
        using var full = new TemporaryDirectory();
        await using TestSilo silo = await TestSilo.StartAsync(full.Path, options => options.MaxTurns = 1);
        await using IAsyncEnumerator<TurnEvent> running = silo.Session("a").RunTurnAsync(Requests.Endless("hello", 2000)).GetAsyncEnumerator();
        Assert.True(await running.MoveNextAsync());

        SessionException refused = await Assert.ThrowsAsync<SessionException>(() => silo.Session("b").RunAsync(Requests.Greedy("hi")));

        Assert.Equal(SessionErrorCode.Busy, refused.Code);
        Assert.Null(await silo.Session("b").GetInfoAsync());
        await running.DisposeAsync();
        Assert.NotEmpty(await silo.Session("b").RunAsync(Requests.Greedy("hi", 2)));
        Assert.Equal(0, silo.Admission.Running);
    }

    [Fact]
    public async Task Delete_WhileATurnRuns_EndsItAndErasesEverything()
    {
        ISessionGrain session = _silo.Session("a");
        await using IAsyncEnumerator<TurnEvent> running = session.RunTurnAsync(Requests.Endless("hello", 2000)).GetAsyncEnumerator();
        Assert.True(await running.MoveNextAsync());

        Assert.True(await session.DeleteAsync());

        Assert.Null(await session.GetInfoAsync());
        Assert.False(await session.DeleteAsync());
        Assert.Empty(_silo.Data.List("test"));
    }

    [Theory]
    [InlineData("psychic", null, "policy")]
    [InlineData("blocks:window=0", null, "policy")]
    [InlineData(null, 0, "max_tokens")]
    public async Task RunTurn_BadRequest_NamesTheField(string? policy, int? maxNewTokens, string parameter)
    {
        SessionException refused = await Assert.ThrowsAsync<SessionException>(
            () => _silo.Session("a").RunAsync(Requests.Greedy("hi") with { Policy = policy, MaxNewTokens = maxNewTokens }));

        Assert.Equal((SessionErrorCode.InvalidRequest, parameter), (refused.Code, refused.Parameter));
        Assert.Null(await _silo.Session("a").GetInfoAsync());
    }

    [Fact]
    public async Task RunTurn_BeyondTheLimitOfASession_IsRefused()
    {
        using var small = new TemporaryDirectory();
        await using TestSilo silo = await TestSilo.StartAsync(small.Path, options => options.MaxSessionTokens = 100);
        await silo.Session("a").IngestAllAsync(Requests.Prose(2));

        SessionException refused = await Assert.ThrowsAsync<SessionException>(() => silo.Session("a").IngestAllAsync(Requests.Prose(10)));

        Assert.Equal(SessionErrorCode.TooLong, refused.Code);
        Assert.Contains("100", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunTurn_OtherPolicyInMidSession_GoesOnUnderIt()
    {
        ISessionGrain session = _silo.Session("a");
        await session.RunAsync(Requests.Greedy("Remember: the pass key is 90417.") with { Policy = "dense" });
        Assert.Equal("dense", (await session.GetInfoAsync())!.Policy);

        List<TurnEvent> answer = await session.RunAsync(Requests.Greedy("What is the pass key?") with { Policy = "blocks" });

        Assert.Contains("90417", Requests.TextOf(answer), StringComparison.Ordinal);
        await _silo.DisposeAsync();
        _silo = await TestSilo.StartAsync(_folder.Path);
        Assert.Equal("blocks", (await _silo.Session("a").GetInfoAsync())!.Policy);
        Assert.Contains("90417", Requests.TextOf(await _silo.Session("a").RunAsync(Requests.Greedy("What is the pass key?"))), StringComparison.Ordinal);
    }

    private static async Task<List<TurnEvent>> CollectAsync(IAsyncEnumerable<TurnEvent> events)
    {
        List<TurnEvent> list = [];
        await foreach (TurnEvent turnEvent in events) list.Add(turnEvent);
        return list;
    }
}
