using System.Diagnostics.Metrics;
using Xunit.Abstractions;

namespace Actors.Engine.Tests;

public class StatisticsTests(ITestOutputHelper output)
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    [Fact]
    public async Task GetStatistics_AfterTurns_CountsTokensByKind()
    {
        await using var harness = new EngineHarness();
        await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens, 10));
        EngineSequence second = harness.Open();
        await harness.RunAsync(second, EngineHarness.Generate(Tokens, 10));
        await harness.RunAsync(second, new EngineTurn { Logits = LogitRows.Last });
        await harness.RunAsync(second, new EngineTurn { Logits = LogitRows.Last });

        EngineStatistics statistics = harness.Engine.GetStatistics();

        // Each answer's first token comes from prefill, its last one is computed by the turn that follows. A turn that wants logits of a
        // context that is all there computes its last token again.
        Assert.Equal(Tokens.Length + (Tokens.Length - 128) + 1, statistics.PrefillTokens);
        Assert.Equal(2 * 9, statistics.DecodeTokens);
        Assert.Equal(1, statistics.RecomputedTokens);
        Assert.Equal(128 + (Tokens.Length + 9) * 2, statistics.CachedTokens);
        Assert.Equal(1 + 9 + 1 + 9 + 1 + 1, statistics.Steps);
        Assert.Equal((0, 0), (statistics.RunningTurns, statistics.WaitingTurns));
        Assert.InRange(statistics.ResidentBytes, 1, statistics.BudgetBytes);
    }

    [Fact]
    public async Task RunAsync_Usage_TellsTheTimeOfEachPart()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.MaxSequencesPerStep, options.MaxStepTokens) = (1, 65);
        await using var harness = new EngineHarness(options: options);
        await using var stream = new ReplyStream(harness, harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 100), 3));

        harness.Time.Advance(TimeSpan.FromSeconds(5));
        harness.Engine.StepOnce();
        harness.Time.Advance(TimeSpan.FromSeconds(7));
        harness.Engine.StepOnce();
        harness.Time.Advance(TimeSpan.FromSeconds(11));
        EngineUsage usage = (await stream.RestAsync()).Finish().Usage;

        Assert.Equal((5, 7, 11), (usage.Waiting.TotalSeconds, usage.Prefill.TotalSeconds, usage.Decode.TotalSeconds));
        Assert.Equal((100, 0, 100, 3), (usage.PromptTokens, usage.CachedTokens, usage.ComputedTokens, usage.GeneratedTokens));
    }

    [Fact]
    public async Task Meter_AfterATurn_ReportsDocumentedInstruments()
    {
        Dictionary<string, double> measured = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, active) =>
            {
                if (instrument.Meter.Name == EngineInstruments.MeterName)
                    active.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        await using var harness = new EngineHarness();
        listener.Start();
        await harness.RunAsync(harness.Open(), EngineHarness.Generate(Tokens, 10));
        listener.RecordObservableInstruments();

        // Other tests' engines use the same meter name at the same time: at least this turn is in the numbers.
        lock (measured)
        {
            Assert.True(measured["actors.engine.steps"] >= 10);
            Assert.True(measured["actors.engine.tokens prefill"] >= Tokens.Length);
            Assert.True(measured["actors.engine.tokens decode"] >= 9);
            Assert.True(measured["actors.engine.turns finished"] >= 1);
            Assert.Contains("actors.engine.step.duration", measured.Keys);
            string documentation = File.ReadAllText(Path.Combine(Actors.Testing.RepositoryFiles.Root, "docs", "engine.md"));
            foreach (string name in measured.Keys)
                Assert.Contains($"`{name.Split(' ')[0]}`", documentation);
        }

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string name = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
            lock (measured)
                measured[name] = measured.GetValueOrDefault(name) + value;
        }
    }

    [Fact]
    public async Task StepOnce_Decoding_AllocatesOnlyTheEvent()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.EventCapacity, options.FidelityRate) = (4096, 0);
        await using var harness = new EngineHarness(options: options);
        await using var stream = new ReplyStream(harness, harness.Open(), EngineHarness.Generate(Tokens.AsMemory(0, 20), 2000));
        for (int i = 0; i < 400; i++)
            Assert.True(harness.Engine.StepOnce());

        const int Steps = 1000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Steps; i++)
            harness.Engine.StepOnce();
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Steps;

        output.WriteLine($"{bytes:0.0} bytes per decoded token on the step thread");
        Assert.InRange(bytes, 0, 160);
    }
}
