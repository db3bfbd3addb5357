namespace Actors.Engine.Tests;

/// <summary>Several turns in one step: what they get, and in which order.</summary>
public class SharedStepTests
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    public static TheoryData<string, int> PoliciesAndThreads => new()
    {
        { "dense", 1 }, { "dense", 2 }, { "streaming", 2 }, { "blocks", 1 }, { "blocks", 2 }, { "auto", 2 },
    };

    [Theory]
    [MemberData(nameof(PoliciesAndThreads))]
    public async Task RunAsync_Together_EqualsAloneBitForBit(string policy, int threads)
    {
        EngineTurn[] turns =
        [
            EngineHarness.Generate(Tokens.AsMemory(0, 20), 30) with { Logits = LogitRows.All },
            EngineHarness.Generate(Tokens.AsMemory(0, 150), 12) with { Logits = LogitRows.All },
            EngineHarness.Generate(Tokens.AsMemory(37, 100), 25) with { Logits = LogitRows.All },
        ];
        List<EngineEvent>[] alone = new List<EngineEvent>[turns.Length];
        for (int i = 0; i < turns.Length; i++)
        {
            await using var single = new EngineHarness(threads: 1);
            EngineSequence sequence = single.Open(policy);
            alone[i] = await single.RunAsync(sequence, turns[i]);
        }

        await using var harness = new EngineHarness(threads: threads);
        Task<List<EngineEvent>>[] running = [.. turns.Select(turn => harness.CollectAsync(harness.Open(policy), turn))];
        List<EngineEvent>[] together = await harness.DriveAsync(Task.WhenAll(running));

        for (int i = 0; i < turns.Length; i++)
        {
            Assert.Equal(alone[i].TokenIds(), together[i].TokenIds());
            Assert.Equal(LogitBits(alone[i]), LogitBits(together[i]));
            Assert.Equal(LogProbabilityBits(alone[i]), LogProbabilityBits(together[i]));
        }
    }

    [Fact]
    public async Task RunAsync_LongPrefillBesideDecoder_EveryStepHasADecodeRow()
    {
        await using var harness = new EngineHarness(options: SmallSteps());
        EngineSequence decoder = harness.Open();
        EngineSequence prefill = harness.Open();
        await using var answer = new ReplyStream(harness, decoder, EngineHarness.Generate(Tokens.AsMemory(0, 10), 1000));
        Assert.IsType<EngineEvent.Progress>(await answer.NextAsync());
        int[] longInput = [.. Enumerable.Repeat(Tokens, 8).SelectMany(tokens => tokens)];
        Task<List<EngineEvent>> ingest = harness.CollectAsync(prefill, new EngineTurn { Input = longInput });

        int steps = 0;
        while (prefill.ComputedTokens < longInput.Length)
        {
            int before = decoder.TokenCount;
            int computed = prefill.ComputedTokens;
            Assert.True(harness.Engine.StepOnce());
            steps++;
            Assert.Equal(before + 1, decoder.TokenCount);
            Assert.InRange(prefill.ComputedTokens - computed, 1, 64);
        }

        Assert.Equal((longInput.Length + 63) / 64, steps);
        Assert.Equal(FinishReason.Ingested, (await ingest).Finish().Reason);
    }

    [Fact]
    public async Task RunAsync_ShortPromptBehindLongPrefill_DoesNotWaitForItsEnd()
    {
        await using var harness = new EngineHarness(options: SmallSteps());
        EngineSequence slow = harness.Open();
        EngineSequence quick = harness.Open();
        int[] longInput = [.. Enumerable.Repeat(Tokens, 8).SelectMany(tokens => tokens)];
        Task<List<EngineEvent>> ingest = harness.CollectAsync(slow, new EngineTurn { Input = longInput });
        Assert.True(harness.Engine.StepOnce());
        Task<List<EngineEvent>> answer = harness.CollectAsync(quick, EngineHarness.Generate(Tokens.AsMemory(0, 40), 1));

        Assert.True(harness.Engine.StepOnce());
        Assert.True(harness.Engine.StepOnce());

        Assert.Equal(41, quick.TokenCount);
        Assert.False(ingest.IsCompleted);
        Assert.Single((await answer).TokenIds());
    }

    [Fact]
    public async Task RunAsync_EqualPrefixes_ShareFullPages()
    {
        await using var harness = new EngineHarness();
        EngineSequence first = harness.Open();
        EngineSequence second = harness.Open();
        List<EngineEvent> computed = await harness.RunAsync(first, EngineHarness.Generate(Tokens, 8));

        List<EngineEvent> shared = await harness.RunAsync(second, EngineHarness.Generate(Tokens, 8));

        Assert.Equal(computed.TokenIds(), shared.TokenIds());
        Assert.Equal(128, shared.Finish().Usage.CachedTokens);
        Assert.Equal(Tokens.Length - 128, shared.Finish().Usage.ComputedTokens);
        harness.Engine.TestHookPool.CheckIntegrity();
    }

    [Fact]
    public async Task RunAsync_OtherTenantSalt_SharesNothing()
    {
        await using var harness = new EngineHarness();
        EngineSequence first = harness.Open();
        EngineSequence other = harness.Engine.Open(new SequenceOptions { TenantSalt = "other" });
        await harness.RunAsync(first, new EngineTurn { Input = Tokens });

        List<EngineEvent> events = await harness.RunAsync(other, new EngineTurn { Input = Tokens });

        Assert.Equal(0, events.Finish().Usage.CachedTokens);
        Assert.Equal(Tokens.Length, events.Finish().Usage.ComputedTokens);
    }

    internal static EngineOptions SmallSteps()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.MaxSequencesPerStep = 8;
        options.MaxStepTokens = 128;
        options.MixedPrefillTokens = 64;
        options.EventCapacity = 4096;
        return options;
    }

    private static int[] LogitBits(IEnumerable<EngineEvent> events) =>
        [.. events.OfType<EngineEvent.Logits>().SelectMany(row => row.Values.ToArray()).Select(BitConverter.SingleToInt32Bits)];

    private static int[] LogProbabilityBits(IEnumerable<EngineEvent> events) =>
        [.. events.OfType<EngineEvent.Token>().Select(token => BitConverter.SingleToInt32Bits(token.LogProbability))];
}
