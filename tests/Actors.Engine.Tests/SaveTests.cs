using Actors.Attention;
using Actors.KvCache;
using Actors.Storage;
using Actors.Testing;

namespace Actors.Engine.Tests;

/// <summary>A sequence that was saved, closed and opened again, perhaps by another engine, is the sequence that never was.</summary>
public sealed class SaveTests : IDisposable
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "actors-engine-" + Guid.NewGuid().ToString("N"));
    private readonly DataFolder _data;

    public SaveTests() => _data = DataFolder.Open(_folder);

    public static TheoryData<string> Policies => [.. AttentionPolicies.Names];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Open_AfterSave_ContinuesAsIfNeverClosed(string policy)
    {
        int[] expected;
        float[] expectedLogits;
        int[] known;
        await using (var harness = new EngineHarness())
        {
            EngineSequence sequence = harness.Open(policy, Pages("s"));
            await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 30));
            SavedSequence saved = await harness.DriveAsync(sequence.SaveAsync());
            Assert.Equal((Tokens.Length + 30, 128, policy), (saved.TokenCount, saved.StoredTokens, saved.PolicyName));
            known = [.. sequence.Tokens];
            List<EngineEvent> rest = await harness.RunAsync(sequence, Continue());
            (expected, expectedLogits) = (rest.TokenIds(), Logits(rest));
        }

        await using var again = new EngineHarness();
        EngineSequence restored = again.Open(policy, Pages("s"), known);
        Assert.Equal(128, restored.ComputedTokens);
        Assert.Equal(known, restored.Tokens);
        List<EngineEvent> continued = await again.RunAsync(restored, Continue());

        Assert.True(ReferenceCheckpointTests.MaxDifference(expectedLogits, Logits(continued)) < 1e-3f);
        Assert.Equal(expected, continued.TokenIds());
        Assert.Equal((128, known.Length - 128), (continued.Finish().Usage.CachedTokens, continued.Finish().Usage.RecomputedTokens));
        Assert.Equal(3, continued.Finish().Usage.ComputedTokens);
        Assert.Empty(restored.RestoreProblems);
    }

    [Fact]
    public async Task Open_PageWithAFlippedBit_ComputesItAgain()
    {
        int[] expected = await SaveAsync("s");
        FlipBit(Directory.GetFiles(_folder, "*.kv", SearchOption.AllDirectories).Single());

        await using var again = new EngineHarness();
        EngineSequence restored = again.Open("dense", Pages("s"), Tokens);
        List<EngineEvent> continued = await again.RunAsync(restored, EngineHarness.Generate(default, 10));

        Assert.Equal(expected, continued.TokenIds());
        Assert.IsType<PageCorruptException>(Assert.Single(restored.RestoreProblems));
        Assert.Equal(64, continued.Finish().Usage.CachedTokens);
    }

    [Fact]
    public async Task RunAsync_PageFoundDamagedInAStep_ComputesItAgain()
    {
        int[] expected = await SaveAsync("s");
        FlipBit(Directory.GetFiles(_folder, "*.kv", SearchOption.AllDirectories).Single());

        await using var again = new EngineHarness();
        EngineSequence restored = again.Engine.Open(new SequenceOptions
        {
            PolicyName = "dense",
            PageStore = Pages("s"),
            Tokens = Tokens,
            Verification = PageVerification.AtFirstUse,
        });
        Assert.Equal(128, restored.ComputedTokens);
        List<EngineEvent> continued = await again.RunAsync(restored, EngineHarness.Generate(default, 10));

        Assert.Equal(expected, continued.TokenIds());
        Assert.Equal(Tokens.Length - 64, continued.Finish().Usage.RecomputedTokens);
        again.Engine.TestHookPool.CheckIntegrity();
    }

    [Fact]
    public async Task Open_OtherModel_UsesNoneOfThePages()
    {
        await SaveAsync("s");

        await using var other = new EngineHarness("mistral");
        EngineSequence sequence = other.Open("dense", Pages("s"), [.. Tokens.Select(token => token % other.Model.Config.Shape.VocabularySize)]);

        Assert.Equal(0, sequence.ComputedTokens);
    }

    [Fact]
    public async Task RunAsync_PageFileRemovedMeanwhile_ComputesItAgainForAllWhoShareIt()
    {
        int[] expected = await SaveAsync("s");
        await using var again = new EngineHarness();
        EngineSequence owner = again.Engine.Open(new SequenceOptions
        {
            PolicyName = "dense",
            PageStore = Pages("s"),
            Tokens = Tokens,
            Verification = PageVerification.AtFirstUse,
        });
        Assert.Equal(128, owner.ComputedTokens);
        File.Delete(Directory.GetFiles(_folder, "*.kv", SearchOption.AllDirectories).Single());

        List<EngineEvent> shared = await again.RunAsync(again.Open("dense"), EngineHarness.Generate(Tokens, 10));
        again.Engine.TestHookPool.CheckIntegrity();
        List<EngineEvent> own = await again.RunAsync(owner, EngineHarness.Generate(default, 10));

        Assert.Equal(expected, shared.TokenIds());
        Assert.Equal(128, shared.Finish().Usage.CachedTokens); // found at the start, lost at the first read
        Assert.Equal(expected, own.TokenIds());
        again.Engine.TestHookPool.CheckIntegrity();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task RunAsync_MoreThanTheBudget_SpillsAndAnswersAsWithRoom(string policy)
    {
        int[] input = [.. Enumerable.Repeat(Tokens, 16).SelectMany(tokens => tokens)];
        List<EngineEvent> expected;
        await using (var roomy = new EngineHarness())
            expected = await roomy.RunAsync(roomy.Open(policy), EngineHarness.Generate(input, 8) with { Logits = LogitRows.Last });

        EngineOptions options = EngineHarness.DefaultOptions();
        options.KvBudgetBytes = 1 << 20;
        await using var tight = new EngineHarness(options: options);
        EngineSequence sequence = tight.Open(policy, Pages("spill"));
        List<EngineEvent> actual = await tight.RunAsync(sequence, EngineHarness.Generate(input, 8) with { Logits = LogitRows.Last });

        Assert.Equal(expected.TokenIds(), actual.TokenIds());
        // Modes of prefill estimate from the queries of a chunk, and chunks are cut smaller where room is short.
        float tolerance = policy is "sample" or "minference" or "hyper" ? 0.05f : 0;
        Assert.InRange(ReferenceCheckpointTests.MaxDifference(Logits(expected), Logits(actual)), 0, tolerance);
        if (policy is "dense" or "streaming" or "blocks" or "auto")
            Assert.Equal(policy is "blocks" or "auto", tight.Engine.TestHookPool.GroupHits > 0);
        Assert.True(KvLayout.PagesFor(sequence.TokenCount) > tight.Engine.TestHookPool.LimitPages);
        Assert.True(sequence.Memory.ResidentPages <= tight.Engine.TestHookPool.LimitPages);
        Assert.True(sequence.Memory.StoredPages > 0);
        tight.Engine.TestHookPool.CheckIntegrity();
    }

    [Fact]
    public async Task TruncateAsync_ThenAnotherContinuation_EqualsAFreshSequence()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open("dense");
        await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 20));

        await harness.DriveAsync(sequence.TruncateAsync(100));
        List<EngineEvent> rewound = await harness.RunAsync(sequence, EngineHarness.Generate(new[] { 9, 8, 7 }, 12));

        await using var fresh = new EngineHarness();
        List<EngineEvent> expected = await fresh.RunAsync(fresh.Open("dense"), EngineHarness.Generate((int[])[.. Tokens[..100], 9, 8, 7], 12));
        Assert.Equal(expected.TokenIds(), rewound.TokenIds());
        Assert.Equal(0, rewound.Finish().Usage.RecomputedTokens);
    }

    [Fact]
    public async Task ChangePolicyAsync_InMidConversation_ComputesNothingAgain()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open("dense");
        await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 5));

        await harness.DriveAsync(sequence.ChangePolicyAsync("streaming"));
        List<EngineEvent> events = await harness.RunAsync(sequence, EngineHarness.Generate(default, 5));

        Assert.Equal("streaming", sequence.PolicyName);
        Assert.Equal(Tokens.Length + 4, events.Finish().Usage.CachedTokens);
        Assert.Equal(1, events.Finish().Usage.ComputedTokens);
    }

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static EngineTurn Continue() => EngineHarness.Generate(new[] { 3, 14, 15 }, 12) with { Logits = LogitRows.Last };

    private static float[] Logits(IEnumerable<EngineEvent> events) => Assert.Single(events.OfType<EngineEvent.Logits>()).Values.ToArray();

    private static void FlipBit(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    private IPageStore Pages(string session) => _data.Session("tenant", session).Pages;

    private async Task<int[]> SaveAsync(string session)
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open("dense", Pages(session));
        await harness.RunAsync(sequence, new EngineTurn { Input = Tokens });
        await harness.DriveAsync(sequence.SaveAsync());
        return (await harness.RunAsync(sequence, EngineHarness.Generate(default, 10))).TokenIds();
    }
}
