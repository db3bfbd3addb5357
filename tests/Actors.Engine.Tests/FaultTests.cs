using Actors.KvCache;

namespace Actors.Engine.Tests;

/// <summary>What goes wrong in a step ends the turns it concerns, and nothing else.</summary>
public class FaultTests
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    [Fact]
    public async Task RunAsync_BackendThrows_FailsTheTurnsOfTheStepAndGoesOn()
    {
        FaultyBackend? backend = null;
        await using var harness = new EngineHarness(wrap: inner => backend = new FaultyBackend(inner));
        EngineSequence first = harness.Open();
        EngineSequence second = harness.Open();
        List<EngineEvent> expected = await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 100), 6));

        backend!.FailNext = true;
        Task<List<EngineEvent>>[] turns =
        [
            harness.CollectAsync(first, EngineHarness.Generate(Tokens.AsMemory(0, 100), 6)),
            harness.CollectAsync(second, EngineHarness.Generate(Tokens.AsMemory(50, 90), 6)),
        ];
        foreach (Task<List<EngineEvent>> turn in turns)
        {
            EngineFaultException error = await Assert.ThrowsAsync<EngineFaultException>(() => harness.DriveAsync(turn));
            Assert.IsType<InvalidDataException>(error.InnerException);
        }

        Assert.Equal(Tokens[..100], first.Tokens);
        List<EngineEvent> after = await harness.RunAsync(first, EngineHarness.Generate(default, 6));
        Assert.Equal(expected.TokenIds(), after.TokenIds());
        Assert.Equal(6, (await harness.RunAsync(second, EngineHarness.Generate(default, 6))).TokenIds().Length);
        harness.Engine.TestHookPool.CheckIntegrity();
    }

    [Fact]
    public async Task RunAsync_OneSequencesKeysAreNotNumbers_FailsThatTurnOnly()
    {
        int bad = Enumerable.Range(0, 320).Except(Tokens).First();
        await using var harness = new EngineHarness(wrap: inner => new NanBackend(inner, bad));
        EngineSequence good = harness.Open();
        EngineSequence broken = harness.Open();
        List<EngineEvent> expected = await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 60), 6));

        Task<List<EngineEvent>> healthy = harness.CollectAsync(good, EngineHarness.Generate(Tokens.AsMemory(0, 60), 6));
        Task<List<EngineEvent>> failing = harness.CollectAsync(broken, EngineHarness.Generate(new[] { 5, 6, bad, 7 }, 6));
        EngineFaultException error = await Assert.ThrowsAsync<EngineFaultException>(() => harness.DriveAsync(failing));

        Assert.IsType<NonFiniteKvException>(error.InnerException);
        Assert.Equal(expected.TokenIds(), (await harness.DriveAsync(healthy)).TokenIds());
        await harness.DriveAsync(broken.TruncateAsync(2));
        Assert.Single((await harness.RunAsync(broken, EngineHarness.Generate(default, 1))).TokenIds());
    }

    [Fact]
    public async Task RunAsync_QueueFull_RefusesWithRetryHintAndKeepsTheInputOut()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.MaxSequencesPerStep, options.QueueLimit) = (1, 1);
        await using var harness = new EngineHarness(options: options);
        EngineSequence refused = harness.Open();
        await using var running = new ReplyStream(harness, harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 20), 1000));
        await using var waiting = new ReplyStream(harness, harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 20), 1));

        EngineBusyException busy = await Assert.ThrowsAsync<EngineBusyException>(
            () => harness.CollectAsync(refused, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1)));

        Assert.InRange(busy.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(0, refused.TokenCount);
        running.Cancel();
        await waiting.RestAsync();
        Assert.Single((await harness.RunAsync(refused, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1))).TokenIds());
    }

    [Fact]
    public async Task RunAsync_SecondTurnOnABusySequence_IsRefused()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        await using var running = new ReplyStream(harness, sequence, EngineHarness.Generate(Tokens.AsMemory(0, 20), 100));

        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.CollectAsync(sequence, EngineHarness.Generate(Tokens, 1)));

        Assert.Equal(20, sequence.TokenCount);
    }

    [Fact]
    public async Task RunAsync_SlowReader_HoldsUpItselfOnly()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.EventCapacity = 4;
        await using var harness = new EngineHarness(options: options);
        List<EngineEvent> expected = await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 20), 30));
        EngineSequence slow = harness.Open();
        EngineSequence quick = harness.Open();
        await using var unread = new ReplyStream(harness, slow, EngineHarness.Generate(Tokens.AsMemory(0, 20), 30));
        Assert.NotNull(await unread.NextAsync());

        List<EngineEvent> other = await harness.RunAsync(quick, EngineHarness.Generate(Tokens.AsMemory(0, 20), 30));

        Assert.Equal(expected.TokenIds(), other.TokenIds());
        Assert.InRange(slow.TokenCount, 21, 20 + 4);
        Assert.False(harness.Engine.StepOnce());
        Assert.Equal(expected.TokenIds(), (await unread.RestAsync()).TokenIds());
    }

    [Fact]
    public async Task RunAsync_NeverFits_FailsAtOnceWithTheBudget()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.KvBudgetBytes = 1 << 20;
        await using var harness = new EngineHarness(options: options);
        int[] tooLong = [.. Enumerable.Repeat(Tokens, 20).SelectMany(tokens => tokens)];

        KvCapacityException error = await Assert.ThrowsAsync<KvCapacityException>(
            () => harness.RunAsync(harness.Open(), new EngineTurn { Input = tooLong }));

        Assert.Contains("1048576", error.Message);
        Assert.Equal(0, harness.Engine.GetStatistics().Steps);
    }

    [Fact]
    public async Task RunAsync_OthersHoldTheBudget_WaitsForRoomThenGivesUp()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.KvBudgetBytes = 1 << 20;
        await using var harness = new EngineHarness(options: options);
        int limit = harness.Engine.TestHookPool.LimitPages;
        EngineSequence holder = harness.Open();
        await harness.RunAsync(holder, new EngineTurn { Input = Random(64 * (limit - 1), seed: 1) });
        EngineSequence waiting = harness.Open();
        Task<List<EngineEvent>> turn = harness.CollectAsync(waiting, new EngineTurn { Input = Random(128, seed: 2) });
        while (harness.Engine.StepOnce())
        {
        }
        Assert.Equal(64, waiting.ComputedTokens);

        harness.Time.Advance(options.RoomTimeout);
        Assert.True(harness.Engine.StepOnce());
        await Assert.ThrowsAsync<KvCapacityException>(() => harness.DriveAsync(turn));

        await harness.DriveAsync(holder.DisposeAsync().AsTask());
        List<EngineEvent> rest = await harness.RunAsync(waiting, new EngineTurn());
        Assert.Equal(64, rest.Finish().Usage.ComputedTokens);
        Assert.Equal(128, waiting.ComputedTokens);
    }

    [Fact]
    public async Task RunAsync_AfterDispose_SaysThatTheEngineIsGone()
    {
        var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        Task<List<EngineEvent>> turn = harness.CollectAsync(sequence, EngineHarness.Generate(Tokens, 5));

        await harness.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => turn);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => harness.CollectAsync(sequence, EngineHarness.Generate(Tokens, 5)));
    }

    private static int[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(320))];
    }
}
