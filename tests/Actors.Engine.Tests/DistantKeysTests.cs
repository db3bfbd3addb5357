using Actors.Storage;

namespace Actors.Engine.Tests;

/// <summary>Far beyond the trained window, where rows of a chunk choose keys together: results must not depend on what the engine packs.</summary>
public sealed class DistantKeysTests : IDisposable
{
    private readonly NarrowCheckpoint _checkpoint = new(trainedWindow: 96);

    public static TheoryData<string, int> PoliciesAndThreads => new() { { "blocks", 1 }, { "auto", 2 }, { "streaming", 2 } };

    [Theory]
    [MemberData(nameof(PoliciesAndThreads))]
    public async Task RunAsync_Together_EqualsAloneBitForBit(string policy, int threads)
    {
        int[][] inputs = [Random(611, 1), Random(150, 2), Random(900, 3)];
        List<float[]> alone = [];
        foreach (int[] input in inputs)
        {
            await using EngineHarness single = Harness(threads: 1, maxStepTokens: 2048);
            EngineSequence sequence = single.Open(policy);
            List<EngineEvent> events = await single.RunAsync(sequence, Turn(input));
            alone.Add(LastLogits(events));
            if (policy != "streaming" && input.Length > 600)
                Assert.True(sequence.AttentionReport.GroupsRead > 0, "the test is meant to read distant groups");
        }

        await using EngineHarness harness = Harness(threads, maxStepTokens: 128);
        Task<List<EngineEvent>>[] running = [.. inputs.Select(input => harness.CollectAsync(harness.Open(policy), Turn(input)))];
        List<EngineEvent>[] together = await harness.DriveAsync(Task.WhenAll(running));

        for (int i = 0; i < inputs.Length; i++)
            Assert.Equal(alone[i], LastLogits(together[i]));
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("auto")]
    public async Task Open_AfterSave_ComputesTheOpenPageAsBefore(string policy)
    {
        string folder = Path.Combine(_checkpoint.Path, "data");
        using DataFolder data = DataFolder.Open(folder);
        int[] known;
        float[] expected;
        await using (EngineHarness harness = Harness(1, 512))
        {
            EngineSequence sequence = harness.Open(policy, data.Session("t", "s").Pages);
            await harness.RunAsync(sequence, EngineHarness.Generate(Random(600, 4), 30));
            await harness.DriveAsync(sequence.SaveAsync());
            known = [.. sequence.Tokens];
            expected = LastLogits(await harness.RunAsync(sequence, Turn([5, 6, 7])));
        }

        await using EngineHarness again = Harness(1, 512);
        EngineSequence restored = again.Open(policy, data.Session("t", "s").Pages, known);
        List<EngineEvent> continued = await again.RunAsync(restored, Turn([5, 6, 7]));

        Assert.Equal(54, continued.Finish().Usage.RecomputedTokens);
        Assert.True(ReferenceCheckpointTests.MaxDifference(expected, LastLogits(continued)) < 1e-4f);
    }

    public void Dispose() => _checkpoint.Dispose();

    private static EngineTurn Turn(int[] input) => EngineHarness.Generate(input, 3) with { Logits = LogitRows.Last };

    private static float[] LastLogits(IEnumerable<EngineEvent> events) => Assert.Single(events.OfType<EngineEvent.Logits>()).Values.ToArray();

    private static int[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(320))];
    }

    private EngineHarness Harness(int threads, int maxStepTokens)
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.MaxStepTokens, options.MaxSequencesPerStep, options.MixedPrefillTokens) = (maxStepTokens, 8, 64);
        return new EngineHarness(_checkpoint.Path, threads, options);
    }
}
