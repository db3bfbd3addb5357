using Actors.Testing;

namespace Actors.Engine.Tests;

/// <summary>The whole path of a token, from the checkpoint to the logits, against float64 references.</summary>
public class ReferenceCheckpointTests
{
    public static TheoryData<string> Checkpoints => [.. RepositoryFiles.ReferenceNames];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task RunAsync_AllLogits_EqualReferenceWithinHundredth(string checkpoint)
    {
        ReferenceRun expected = ReferenceRun.Read(checkpoint);
        await using var harness = new EngineHarness(checkpoint, threads: 2);
        EngineSequence sequence = harness.Open();

        List<EngineEvent> events = await harness.RunAsync(sequence, new EngineTurn { Input = expected.Tokens, Logits = LogitRows.All });

        Dictionary<int, float[]> actual = events.OfType<EngineEvent.Logits>().ToDictionary(row => row.Position, row => row.Values.ToArray());
        Assert.Equal(Enumerable.Range(0, expected.Tokens.Length), actual.Keys.Order());
        foreach ((int position, float[] logits) in expected.Logits)
            Assert.True(MaxDifference(logits, actual[position]) < 1e-2f, $"position {position}: {MaxDifference(logits, actual[position])}");
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task RunAsync_Greedy_ContinuesAsReference(string checkpoint)
    {
        ReferenceRun expected = ReferenceRun.Read(checkpoint);
        await using var harness = new EngineHarness(checkpoint);
        EngineSequence sequence = harness.Open();

        List<EngineEvent> events = await harness.RunAsync(
            sequence, EngineHarness.Generate(expected.Tokens.AsMemory(0, 20), expected.GreedyAfterFirst20.Length));

        Assert.Equal(expected.GreedyAfterFirst20, events.TokenIds());
        Assert.Equal(FinishReason.Length, events.Finish().Reason);
        Assert.Equal(expected.Tokens[..20].Concat(expected.GreedyAfterFirst20), sequence.Tokens);
    }

    [Fact]
    public async Task RunAsync_LastLogits_AreThoseOfTheLastInput()
    {
        ReferenceRun expected = ReferenceRun.Read("llama");
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();

        List<EngineEvent> events = await harness.RunAsync(
            sequence, new EngineTurn { Input = expected.Tokens.AsMemory(0, 65), Logits = LogitRows.Last });

        EngineEvent.Logits row = Assert.Single(events.OfType<EngineEvent.Logits>());
        Assert.Equal(64, row.Position);
        Assert.True(MaxDifference(expected.Logits[64], row.Values.Span) < 1e-2f);
    }

    internal static float MaxDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        float max = 0;
        for (int i = 0; i < expected.Length; i++)
            max = Math.Max(max, Math.Abs(expected[i] - actual[i]));
        return max;
    }
}
