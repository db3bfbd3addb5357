namespace Actors.Engine.Tests;

/// <summary>Turns that end before their end leave the sequence as an uninterrupted run would find it.</summary>
public class CancellationTests
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    [Fact]
    public async Task RunAsync_CancelledInPrefill_GoesOnAsIfNeverCancelled()
    {
        List<EngineEvent> expected = await UninterruptedAsync(Tokens, 10);
        await using var harness = new EngineHarness(options: SharedStepTests.SmallSteps());
        EngineSequence sequence = harness.Open();
        var cancelled = new ReplyStream(harness, sequence, EngineHarness.Generate(Tokens, 10));
        Assert.IsType<EngineEvent.Progress>(await cancelled.NextAsync());

        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(cancelled.NextAsync);
        await cancelled.DisposeAsync();

        Assert.Equal(Tokens, sequence.Tokens);
        Assert.InRange(sequence.ComputedTokens, 64, Tokens.Length - 1);
        List<EngineEvent> rest = await harness.RunAsync(sequence, EngineHarness.Generate(default, 10));
        Assert.Equal(expected.TokenIds(), rest.TokenIds());
        Assert.Equal(Tokens.Length, rest.Finish().Usage.CachedTokens + rest.Finish().Usage.ComputedTokens);
        Assert.Equal(0, rest.Finish().Usage.RecomputedTokens);
    }

    [Fact]
    public async Task RunAsync_CancelledInDecode_KeepsExactlyWhatWasDelivered()
    {
        List<EngineEvent> expected = await UninterruptedAsync(Tokens.AsMemory(0, 20), 24);
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        var stream = new ReplyStream(harness, sequence, EngineHarness.Generate(Tokens.AsMemory(0, 20), 24));
        List<int> delivered = [];
        while (delivered.Count < 7)
        {
            if (await stream.NextAsync() is EngineEvent.Token token)
                delivered.Add(token.Id);
        }
        int before = sequence.TokenCount;
        // Steps go on before the caller notices that it wants no more.
        for (int i = 0; i < 5; i++)
            Assert.True(harness.Engine.StepOnce());
        Assert.Equal(before + 5, sequence.TokenCount);

        stream.Cancel();
        await stream.DisposeAsync();

        Assert.Equal(Tokens[..20].Concat(delivered), sequence.Tokens);
        List<EngineEvent> rest = await harness.RunAsync(sequence, EngineHarness.Generate(default, 24 - 7));
        Assert.Equal(expected.TokenIds(), delivered.Concat(rest.TokenIds()));
        harness.Engine.TestHookPool.CheckIntegrity();
    }

    [Fact]
    public async Task RunAsync_LeftAcrossAPageBoundary_TakesSealedTokensBack()
    {
        List<EngineEvent> expected = await UninterruptedAsync(Tokens.AsMemory(0, 60), 20);
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        var stream = new ReplyStream(harness, sequence, EngineHarness.Generate(Tokens.AsMemory(0, 60), 20));
        while (await stream.NextAsync() is not EngineEvent.Token)
        {
        }
        for (int i = 0; i < 10; i++)
            Assert.True(harness.Engine.StepOnce());
        Assert.Equal(70, sequence.ComputedTokens);
        Assert.Equal(71, sequence.TokenCount);

        await stream.DisposeAsync();

        Assert.Equal(61, sequence.TokenCount);
        List<EngineEvent> rest = await harness.RunAsync(sequence, EngineHarness.Generate(default, 19));
        Assert.Equal(expected.TokenIds().Skip(1), rest.TokenIds());
    }

    [Fact]
    public async Task RunAsync_Cancelled_FreesItsPlaceBeforeTheNextStep()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.MaxSequencesPerStep = 1;
        await using var harness = new EngineHarness(options: options);
        EngineSequence first = harness.Open();
        EngineSequence second = harness.Open();
        var running = new ReplyStream(harness, first, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1000));
        Task<List<EngineEvent>> waiting = harness.CollectAsync(second, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1));
        Assert.True(harness.Engine.StepOnce());
        Assert.Equal((1, 1), Turns(harness));

        running.Cancel();
        Assert.True(harness.Engine.StepOnce());

        Assert.Equal(21, second.TokenCount);
        Assert.Single((await waiting).TokenIds());
        await running.DisposeAsync();
    }

    [Fact]
    public async Task RunAsync_CancelledWhileWaiting_LeavesTheQueue()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.MaxSequencesPerStep = 1;
        await using var harness = new EngineHarness(options: options);
        EngineSequence first = harness.Open();
        EngineSequence second = harness.Open();
        await using var running = new ReplyStream(harness, first, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1000));
        await using var waiting = new ReplyStream(harness, second, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1));
        Assert.True(harness.Engine.StepOnce());

        waiting.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(waiting.NextAsync);

        Assert.Equal((1, 0), Turns(harness));
        Assert.Equal(Tokens[..20], second.Tokens);
        Assert.Equal(0, second.ComputedTokens);
    }

    [Fact]
    public async Task DisposeAsync_WhileATurnRuns_EndsTheTurn()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        var stream = new ReplyStream(harness, sequence, EngineHarness.Generate(Tokens.AsMemory(0, 20), 1000));
        Assert.NotNull(await stream.NextAsync());

        await harness.DriveAsync(sequence.DisposeAsync().AsTask());

        await stream.DisposeAsync();
        Assert.Equal((0, 0), Turns(harness));
        Assert.Equal(0, harness.Engine.TestHookPool.CountPages().UsedPages);
    }

    private static (int Running, int Waiting) Turns(EngineHarness harness)
    {
        EngineStatistics statistics = harness.Engine.GetStatistics();
        return (statistics.RunningTurns, statistics.WaitingTurns);
    }

    private static async Task<List<EngineEvent>> UninterruptedAsync(ReadOnlyMemory<int> input, int tokens)
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();
        return await harness.RunAsync(sequence, EngineHarness.Generate(input, tokens));
    }
}
