using Actors.Attention.Tests.Heads;
using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests.Policies;

/// <summary>`razor` and `duo`, with heads chosen by the test.</summary>
public sealed class HeadPoliciesTests
{
    private static readonly AttentionShape Shape = new(2, 6, 2, 32);

    public static TheoryData<string> Both => ["razor", "duo"];

    [Theory]
    [InlineData(MemoryPlacement.True, 1)]
    [InlineData(MemoryPlacement.Constant, 29)]
    [InlineData(MemoryPlacement.Auto, 13)]
    public void Execute_Razor_EqualsSoftmaxWithAKeyThatStandsForTheRest(MemoryPlacement placement, int chunk)
    {
        RandomSequence sequence = new(700, seed: 41, new(1, 6, 2, 32), attentionScale: 1.1f);
        RazorOptions options = new() { Memory = new() { SinkTokens = 16, WindowTokens = 64, Placement = placement, TrainedWindow = 512 }, Divisor = 5, Beyond = DistantReading.All };
        float[] outputs = sequence.Run(Razor(options, 0), [chunk]);
        int[] rows = [90, 95, 96, 200, 500, 511, 512, 640, 699];
        double difference = 0;
        foreach (int row in rows)
        {
            int block = row / 32 * 32, window = block - 64, recent = Math.Max(16, Math.Min(window, block - (block / 5)) / 16 * 16);
            AttentionView view = options.Memory.View(row);
            bool constant = view.Sinks == SinkPlacement.Constant;
            IEnumerable<(int, int, int)> Keys(IEnumerable<int> tokens) => tokens.Select(token => constant && token < window ? (token, 0, 64) : (token, token, row));
            for (int head = 0; head < 6; head++)
            {
                double[] expected = window <= 16 ? sequence.Reference(row, head, RandomSequence.Dense(row))
                    : head < 3 ? sequence.Reference(row, head, Keys(Enumerable.Range(0, row + 1)))
                    : sequence.Reference(row, head, Keys(Enumerable.Range(0, 16).Concat(Enumerable.Range(recent, row + 1 - recent))), Keys(Enumerable.Range(16, recent - 16)));
                for (int i = 0; i < 32; i++)
                    difference = Math.Max(difference, Math.Abs(expected[i] - outputs[(((row * 6) + head) * 32) + i]));
            }
        }
        Assert.InRange(difference, 0, 3e-5);
    }

    [Fact]
    public void Execute_Duo_SomeHeadsReadAllAndTheOthersStream()
    {
        RandomSequence sequence = new(700, seed: 42, new(1, 6, 2, 32));
        float[] outputs = sequence.Run(Duo(new() { Memory = new() { SinkTokens = 32, WindowTokens = 64, Placement = MemoryPlacement.True }, Full = 0.5f }, 1), [17]);
        foreach (int row in (int[])[50, 300, 699])
        {
            int window = Math.Max(32, (row / 32 * 32) - 64);
            for (int head = 0; head < 6; head++)
            {
                double[] expected = head >= 3 || row < 96 ? sequence.Reference(row, head, RandomSequence.Dense(row))
                    : sequence.Reference(row, head, Enumerable.Range(0, 32).Concat(Enumerable.Range(window, row + 1 - window)).Select(token => (token, token, row)));
                Assert.All(expected.Select((value, i) => Math.Abs(value - outputs[(((row * 6) + head) * 32) + i])), difference => Assert.InRange(difference, 0, 3e-5));
            }
        }
    }

    [Theory, MemberData(nameof(Both))]
    public void Step_AllHeadsFull_EqualsDense(string policy)
    {
        foreach (string name in RepositoryFiles.ReferenceNames)
        {
            using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
            using ComputePool pool = new(1);
            using CpuBackend backend = new(checkpoint, pool);
            ModelShape shape = backend.Shape;
            HeadScores scores = HeadScoresFileTests.Scores(seed: 5, new(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim));
            MemoryOptions memory = new() { WindowTokens = 32, Placement = MemoryPlacement.True };
            IAttentionPolicy all = policy == "duo" ? new DuoPolicy(new() { Memory = memory, Full = 1 }, scores) : new RazorPolicy(new() { Memory = memory, Induction = 1 }, scores);
            int[] tokens = [.. Enumerable.Range(0, 150).Select(i => i * 37 % shape.VocabularySize)];
            float[] dense = Logits(checkpoint, backend, pool, new DensePolicy(), tokens), actual = Logits(checkpoint, backend, pool, all, tokens);
            Assert.InRange(dense.Zip(actual, (x, y) => MathF.Abs(x - y)).Max(), 0, 1e-3f);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public void Execute_ShortChunksThreadsAndCuts_ChangeNothing(string name)
    {
        RandomSequence sequence = new(900, seed: 43, Shape);
        IAttentionPolicy policy = Policy(name);
        float[] one = sequence.Run(policy, [1]);
        Assert.Equal(one, sequence.Run(policy, [32, 7, 19], threads: 4));
        HashSet<int> cuts = [];
        Assert.Equal(one, sequence.Run(policy, [13], threads: 2, cutTo: tokens => tokens % 8 == 0 && cuts.Add(tokens) ? tokens - (tokens % 200) : tokens));
        Assert.NotEmpty(cuts);
        Assert.NotEqual(sequence.Run(new DensePolicy(), [1])[^192..], one[^192..]);
        Assert.Equal(sequence.Run(new DensePolicy(), [30])[..(64 * 6 * 32)], sequence.Run(policy, [30])[..(64 * 6 * 32)]);
    }

    [Theory, MemberData(nameof(Both))]
    public void Execute_LongChunks_DoNotDependOnThreads(string name)
    {
        RandomSequence sequence = new(700, seed: 44, Shape);
        Assert.Equal(sequence.Run(Policy(name), [160, 70, 1]), sequence.Run(Policy(name), [160, 70, 1], threads: 4));
    }

    [Fact]
    public void MemoryMean_LongRunThatIsCut_IsTheMeanThatNeverSawMore()
    {
        RandomSequence sequence = new(9000, seed: 45, new(1, 2, 1, 8));
        IAttentionPolicy policy = Razor(new() { Memory = new() { SinkTokens = 16, WindowTokens = 64, Placement = MemoryPlacement.Constant }, Divisor = 1000, Induction = 0, Echo = 0 }, 0, new(1, 2, 1, 8));
        float[] once = sequence.Run(policy, [32]);
        bool cut = false;
        Assert.Equal(once, sequence.Run(policy, [32], cutTo: tokens => !cut && tokens > 8900 && (cut = true) ? 5000 : tokens));
        Assert.True(cut);
    }

    [Fact]
    public void Fingerprint_OtherHeads_IsAnother()
    {
        HeadScores one = HeadScoresFileTests.Scores(seed: 6, Shape), two = HeadScoresFileTests.Scores(seed: 8, Shape);
        Assert.NotEqual(new DuoPolicy(new() { Full = 0.25f }, one).FullHeads, new DuoPolicy(new() { Full = 0.25f }, two).FullHeads);
        Assert.NotEqual(new DuoPolicy(new() { Full = 0.25f }, one).Fingerprint, new DuoPolicy(new() { Full = 0.25f }, two).Fingerprint);
        Assert.NotEqual(new RazorPolicy(new() { Induction = 0.25f }, one).Fingerprint, new RazorPolicy(new() { Induction = 0.75f }, one).Fingerprint);
    }

    [Fact]
    public void Constructor_RetrievalScoresThatWereNotMeasured_AreNamed()
    {
        HeadScores scores = HeadScoresFileTests.Scores(seed: 7, Shape);
        scores = scores with { QueryHeads = scores.QueryHeads.Where(pair => pair.Key != HeadScoreKind.Retrieval).ToDictionary() };
        Assert.Contains("no retrieval scores", Assert.Throws<ArgumentException>(() => new RazorPolicy(new() { Retrieval = 0.5f, Echo = -1 }, scores)).Message);
        Assert.Contains("no such scores", Assert.Throws<ArgumentException>(() => new DuoPolicy(new() { Score = HeadScoreKind.Retrieval }, scores)).Message);
    }

    [Theory, MemberData(nameof(Both))]
    public void Loss_BeyondTheTrainedWindow_StaysFlat(string policy)
    {
        using BundledModel model = new(AttentionPolicies.Create(policy, BundledModel.Environment), 4000);
        double[] loss = model.Loss(512, chunk: 32);
        Assert.All(loss[1..], bucket => Assert.InRange(bucket, 0, loss[1..].Average() + 0.75));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Answer_PasskeyFarBeyondTheTrainedWindow_NeedsHeadsThatReadEverything(double depth)
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        model.Tell(3000, depth);
        foreach (string spec in (string[])["razor:retrieval=0.25", "duo:score=retrieval"])
            Assert.Contains("41873", model.Answer(AttentionPolicies.Create(spec, BundledModel.Environment)));
        foreach (string spec in (string[])["razor:induction=0:echo=0", "duo:full=0"])
        {
            if (depth is > 0.1 and < 0.9)
                Assert.DoesNotContain("41873", model.Answer(AttentionPolicies.Create(spec, BundledModel.Environment)));
        }
    }

    private static IAttentionPolicy Policy(string name)
    {
        MemoryOptions memory = new() { SinkTokens = 16, WindowTokens = 64 };
        return name == "duo" ? Duo(new() { Memory = memory, Full = 0.25f }, 2, Shape) : Razor(new() { Memory = memory }, 1, Shape);
    }

    private static RazorPolicy Razor(RazorOptions options, int full, AttentionShape? shape = null) => new(options, One(full, shape ?? new(1, 6, 2, 32)));

    private static DuoPolicy Duo(DuoOptions options, int full, AttentionShape? shape = null) => new(options, One(full, shape ?? new(1, 6, 2, 32)));

    // Scores by which one KV head is above all others.
    private static HeadScores One(int full, AttentionShape shape)
    {
        IReadOnlyList<float> values = [.. Enumerable.Range(0, shape.Layers * shape.QueryHeads).Select(head => head / shape.GroupSize == full ? 0.9f : 0.1f)];
        return new() { Model = "model", Shape = shape, Command = "test", QueryHeads = Enum.GetValues<HeadScoreKind>().ToDictionary(kind => kind, _ => values) };
    }

    private static float[] Logits(Checkpoint checkpoint, CpuBackend backend, ComputePool pool, IAttentionPolicy policy, int[] tokens)
    {
        using SequenceDriver driver = new(checkpoint, backend, pool, policy, tokens.Length);
        return [.. tokens.Chunk(29).SelectMany(chunk => driver.Step(chunk, allRows: true))];
    }
}
