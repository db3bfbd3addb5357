using Actors.KvCache;
using Actors.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Engine.Tests;

/// <summary>The engine on its own thread, with callers on others.</summary>
public class StepThreadTests
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RunAsync_ManyCallersSomeLeaving_LeavesEveryBookInOrder(int seed)
    {
        using LoadedModel model = LoadedModel.Open(RepositoryFiles.Reference("llama"), threads: 2);
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.MaxSequencesPerStep, options.MaxStepTokens, options.EventCapacity, options.QueueLimit) = (4, 192, 4, 64);
        var engine = new InferenceEngine(model, options, TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        int[] reference;
        await using (var harness = new EngineHarness())
            reference = (await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 70), 40))).TokenIds();

        await Task.WhenAll(Enumerable.Range(0, 24).Select(caller => Task.Run(() => CallAsync(caller))));

        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal((0, 0), (statistics.RunningTurns, statistics.WaitingTurns));
        PagePool pool = engine.TestHookPool;
        Assert.Equal(0, pool.CountPages().UsedPages);
        pool.CheckIntegrity();
        await engine.DisposeAsync();

        // Each caller takes the same answer in several turns, leaving some of them early in one of two ways.
        async Task CallAsync(int caller)
        {
            var random = new Random(seed * 1000 + caller);
            await using EngineSequence sequence = engine.Open(new SequenceOptions());
            ReadOnlyMemory<int> input = Tokens.AsMemory(0, 70);
            List<int> delivered = [];
            while (delivered.Count < reference.Length)
            {
                using var cancellation = new CancellationTokenSource();
                int wanted = random.Next(1, reference.Length - delivered.Count + 1);
                bool cancel = random.Next(2) == 0;
                try
                {
                    EngineTurn turn = EngineHarness.Generate(input, reference.Length - delivered.Count);
                    await foreach (EngineEvent item in engine.RunAsync(sequence, turn, cancellation.Token))
                    {
                        if (item is EngineEvent.Token token)
                        {
                            delivered.Add(token.Id);
                            wanted--;
                        }
                        if (wanted <= 0 && !cancel)
                            break;
                        if (wanted <= 0)
                            await cancellation.CancelAsync();
                    }
                }
                catch (OperationCanceledException) when (cancel)
                {
                }
                input = default;
                Assert.Equal(70 + delivered.Count, sequence.TokenCount);
            }
            Assert.Equal(reference, delivered);
        }
    }

    [Fact]
    public async Task DisposeAsync_WithTurnsUnderWay_EndsThem()
    {
        using LoadedModel model = LoadedModel.Open(RepositoryFiles.Reference("llama"), threads: 1);
        var engine = new InferenceEngine(model, EngineHarness.DefaultOptions(), TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        IAsyncEnumerator<EngineEvent> events = engine
            .RunAsync(engine.Open(new SequenceOptions()), EngineHarness.Generate(Tokens, 100_000)).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        await engine.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await events.MoveNextAsync())
            {
            }
        });
        Assert.Throws<ObjectDisposedException>(() => engine.Open(new SequenceOptions()));
    }

    [Fact]
    public async Task RunAsync_EngineItselfFails_EndsEveryTurnAndTakesNoMore()
    {
        using LoadedModel model = LoadedModel.Open(RepositoryFiles.Reference("llama"), threads: 1);
        var time = new BrokenClock();
        await using var engine = new InferenceEngine(model, EngineHarness.DefaultOptions(), time, NullLogger<InferenceEngine>.Instance);
        EngineSequence sequence = engine.Open(new SequenceOptions());
        await using IAsyncEnumerator<EngineEvent> events = engine
            .RunAsync(sequence, EngineHarness.Generate(Tokens, 100_000)).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        time.IsBroken = true;
        InvalidTimeZoneException error = await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
        {
            while (await events.MoveNextAsync())
            {
            }
        });

        EngineFaultException refused = await Assert.ThrowsAsync<EngineFaultException>(async () =>
        {
            await foreach (EngineEvent _ in engine.RunAsync(engine.Open(new SequenceOptions()), EngineHarness.Generate(Tokens, 1)))
            {
            }
        });
        Assert.Same(error, refused.InnerException);
        Assert.Equal((0, 0), (engine.GetStatistics().RunningTurns, engine.GetStatistics().WaitingTurns));
    }

    /// <summary>Throws on the engine's thread, in the middle of its bookkeeping, once it is broken.</summary>
    private sealed class BrokenClock : TimeProvider
    {
        public bool IsBroken { get; set; }

        public override long GetTimestamp() =>
            IsBroken && Thread.CurrentThread.Name == "engine steps" ? throw new InvalidTimeZoneException("broken") : base.GetTimestamp();
    }
}
