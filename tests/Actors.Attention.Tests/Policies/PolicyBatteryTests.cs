using Actors.Kernels;
using Actors.KvCache;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests.Policies;

/// <summary>What every policy must hold. A policy adds its line to each list.</summary>
public sealed class PolicyBatteryTests
{
    /// <summary>Specs that read every key at its true position from position 80 on: exact softmax, so equal to dense.</summary>
    public static TheoryData<string> Unlimited =>
    [
        "retrieval:window=32:positions=true:tokens=65536:index=flat",
        "extended-mind:window=32:positions=true:tokens=65536",
        "quest:window=32:positions=true:budget=65536:denselayers=1",
        "l2norm:window=32:positions=true:ratio=1:tokens=65536",
        "loki:window=32:positions=true:keep=1",
        "recycled:window=32:positions=true:tokens=65536",
        "clusters:window=32:positions=true:segment=32:cluster=8:least=65536:most=65536",
        "longheads:chunk=32:budget=160",
        "hip:window=32:positions=true:budget=65536",
        "iceformer:window=32:positions=true:tokens=65536:proposed=1:field=65536",
        "retrieval:window=32:positions=true:tokens=65536:index=graph",
        "retrieval:window=32:positions=true:tokens=65536:index=bounds",
    ];

    /// <summary>Specs that read little, so that what they choose matters, with windows of 64 tokens.</summary>
    public static TheoryData<string> Limited =>
    [
        "retrieval:window=64:sinks=16:tokens=9:index=flat",
        "retrieval:window=64:sinks=16:tokens=9:index=clusters",
        "retrieval:window=64:sinks=16:tokens=9:index=bounds:groups=4:nodes=4",
        "extended-mind:window=64:sinks=16:tokens=5:mask=0.2",
        "quest:window=64:sinks=16:budget=64",
        "quest:window=64:sinks=16:budget=48:heads=each",
        "quest:window=64:sinks=16:budget=64:scan=tree",
        "longheads:chunk=32:budget=128",
        "blocks:window=64:sinks=16:kept=4:spans=on:spans.most=24",
        "blocks:window=64:sinks=16:kept=4:spans=on:spans.index=mean:spans.threshold=0.1",
        "hip:window=64:sinks=16:budget=32",
        "hip:window=64:sinks=16:budget=48:search=stages:heads=each",
        "longheads:chunk=32:budget=160:heads=sum",
        "clusters:window=64:sinks=16:segment=64:cluster=8:least=32:most=64",
        "clusters:window=64:sinks=16:segment=48:least=16:most=16:estimatefar=0.3:heads=each:rank=centroid",
        "clusters:window=64:sinks=16:segment=32:least=0:most=32:positions=true:heads=sum",
        "l2norm:window=64:sinks=16:ratio=0.3:tokens=50:whole=0",
        "loki:window=64:sinks=16:keep=0.1:calibration=100",
        "iceformer:window=64:sinks=16:tokens=10:field=5",
        "recycled:window=64:sinks=16:tokens=20:stride=13",
        "recycled:window=64:sinks=16:tokens=20:stride=40:similarity=0.5:check=5",
        "camelot:window=64:block=32:recent=20:slots=70:threshold=0.2",
        "camelot:window=64:block=64:sinks=16:slots=500:threshold=0.2:per=head:positions=local:weight=retrieved:centre=1",
    ];

    /// <summary>
    /// Specs whose results depend on distances alone, not on positions: the unlimited ones at both placements, and those that choose by products or lengths of keys. Not those that choose by bounds of
    /// channels (l2norm in its whole layers too) or pack keys anew (longheads), nor a choice of recycled, which keeps the query of its last full step in 16 bits.
    /// </summary>
    public static TheoryData<string> Relative =>
    [
        .. Specs(Unlimited).Where(spec => !spec.StartsWith("longheads", StringComparison.Ordinal)),
        .. Specs(Unlimited).Select(spec => spec.Replace("positions=true", "positions=constant").Replace("l2norm:", "l2norm:whole=0:")).Where(spec => spec.Contains("constant")),
        "dense",
        "streaming:sinks=4:window=91",
        "retrieval:window=64:sinks=16:tokens=9:index=flat",
        "extended-mind:window=64:sinks=16:tokens=5:mask=0.2",
        "l2norm:window=64:sinks=16:ratio=0.3:tokens=50:whole=0",
        "camelot:window=64:block=32:recent=20:slots=70:threshold=0.2",
    ];

    /// <summary>Specs that answer a pass key far beyond the trained window.</summary>
    public static string[] Remembering =>
    [
        "retrieval",
        "extended-mind",
        "loki",
        "recycled",
        "iceformer",
        "quest",
        "clusters",
    ];

    /// <summary>Specs whose loss does not rise beyond the trained window.</summary>
    public static TheoryData<string> Flat =>
    [
        "retrieval",
        "extended-mind",
        "loki",
        "recycled",
        "iceformer",
        "quest",
        "clusters",
        "longheads",
        "hip",
        "hip:search=stages",
        "blocks:spans=on",
        "l2norm",
        "camelot",
        "camelot:window=128:positions=local",
    ];

    /// <summary>A spec, and what its failure must name.</summary>
    public static TheoryData<string, string[]> Bad => new()
    {
        { "retrieval:sinks=5:window=33:tokens=0:index=best:other=1", ["sinks is 5", "window is 33", "tokens is 0", "index is 'best'", "no option 'other'"] },
        { "l2norm:ratio=0:tokens=0:whole=-1:beyond=best", ["ratio is 0", "tokens is 0", "whole is -1", "beyond is 'best'"] },
        {
            "camelot:slots=-1:threshold=2:sinks=5:window=33:block=8:recent=40:distance=0:per=all:weight=two:positions=true",
            ["slots is -1", "threshold is 2", "sinks is 5", "window is 33", "block is 8", "recent is 40", "distance is 0", "per is 'all'", "weight is 'two'", "positions is 'true'"]
        },
        { "extended-mind:tokens=0:mask=2:index=best", ["tokens is 0", "mask is 2", "index is 'best'"] },
        { "clusters:segment=24:cluster=1:rounds=0:retrieve=2:least=-1:most=-2:estimate=x:estimatefar=-1", ["segment is 24", "cluster is 1", "rounds is 0", "retrieve is 2", "least is -1", "most is -2", "estimate is 'x'", "estimatefar is -1"] },
        { "longheads:chunk=0:heads=all:feature=none:window=64", ["chunk is 0", "heads is 'all'", "feature is 'none'", "no option 'window'"] },
        { "hip:budget=17:block=3:search=deep:heads=all:window=1", ["budget is 17", "block is 3", "search is 'deep'", "heads is 'all'", "window is 1"] },
        { "blocks:spans=on:spans.segment=40:spans.most=1:spans.threshold=2:spans.overlap=-1:spans.index=best", ["spans.segment is 40", "spans.most is 1", "spans.threshold is 2", "spans.overlap is -1", "spans.index is 'best'"] },
        { "longheads:chunk=64:budget=200", ["budget is 200"] },
        { "quest:budget=40:denselayers=-1:heads=sum:scan=tree:opened=0:pages=2", ["budget is 40", "denselayers is -1", "knows no sums", "opened is 0", "no option 'pages'"] },
        { "loki:keep=0:dims=0:calibration=1:window=1", ["keep is 0", "dims is 0", "calibration is 1", "window is 1"] },
        { "iceformer:tokens=0:levels=9:composite=0:simple=17:proposed=2:field=0", ["tokens is 0", "DciLevels is 9", "DciComposite is 0", "DciSimple is 17", "DciShare is 2", "DciField is 0"] },
        { "recycled:tokens=0:stride=0:similarity=2:check=0", ["tokens is 0", "stride is 0", "similarity is 2", "check is 0"] },
    };

    [Theory, MemberData(nameof(Unlimited))]
    public void Step_BudgetOfAllTokens_EqualsDense(string spec)
    {
        foreach (string name in RepositoryFiles.ReferenceNames)
        {
            using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
            using ComputePool pool = new(1);
            using CpuBackend backend = new(checkpoint, pool);
            int[] tokens = [.. Enumerable.Range(0, 150).Select(i => i * 37 % backend.Shape.VocabularySize)];
            float[] dense = Logits(checkpoint, backend, pool, new DensePolicy(), tokens), actual = Logits(checkpoint, backend, pool, AttentionPolicies.Create(spec, 512), tokens);
            Assert.InRange(dense.Zip(actual, (x, y) => MathF.Abs(x - y)).Max(), 0, 1e-3f);
        }
    }

    [Theory, MemberData(nameof(Relative))]
    public void Execute_AllPositionsShifted_ChangesNothing(string spec)
    {
        RandomSequence sequence = new(300, seed: 27);
        IAttentionPolicy policy = AttentionPolicies.Create(spec, 512);
        float[] here = sequence.Run(policy, [150, 1], format: KvFormat.Float32), there = sequence.Shifted(1000).Run(policy, [150, 1], format: KvFormat.Float32);
        Assert.InRange(here.Zip(there, (x, y) => MathF.Abs(x - y)).Max(), 0, 2e-4f);
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_FirstWindow_IsBitEqualToDense(string spec)
    {
        RandomSequence sequence = new(96, seed: 21);
        int floats = 64 * 6 * 32;
        Assert.Equal(sequence.Run(new DensePolicy(), [30])[..floats], sequence.Run(AttentionPolicies.Create(spec, 512), [30])[..floats]);
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_BeyondTheWindow_ReadsLessThanDense(string spec)
    {
        RandomSequence sequence = new(700, seed: 22);
        long keys = 0;
        float[] outputs = sequence.Run(AttentionPolicies.Create(spec, 512), [1], afterCommit: (attention, _) => keys = attention.Report.KeysRead);
        Assert.NotEqual(sequence.Run(new DensePolicy(), [1])[^192..], outputs[^192..]);
        Assert.InRange(keys, 1, 2 * 500);
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_ShortChunksThreadsAndCuts_ChangeNothing(string spec)
    {
        RandomSequence sequence = new(700, seed: 23, new(2, 6, 2, 32));
        IAttentionPolicy policy = AttentionPolicies.Create(spec, 512);
        float[] one = sequence.Run(policy, [1]);
        Assert.Equal(one, sequence.Run(policy, [32, 7, 19], threads: 4));
        HashSet<int> cuts = [];
        Assert.Equal(one, sequence.Run(policy, [13], threads: 2, cutTo: tokens => tokens % 8 == 0 && cuts.Add(tokens) ? tokens - (tokens % 200) : tokens));
        Assert.NotEmpty(cuts);
    }

    [Fact]
    public void Execute_GraphThatLearns_DoesNotDependOnShortChunksOrThreads()
    {
        RandomSequence sequence = new(2500, seed: 25);
        IAttentionPolicy policy = AttentionPolicies.Create("retrieval:window=64:sinks=16:tokens=9:index=graph:queue=12:learn=32", 512);
        float[] one = sequence.Run(policy, [1]);
        Assert.Equal(one, sequence.Run(policy, [32, 7, 19], threads: 4));
        Assert.NotEqual(one, sequence.Run(AttentionPolicies.Create("retrieval:window=64:sinks=16:tokens=9:index=graph:queue=12:learn=0", 512), [32]));
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_LongChunks_DoNotDependOnThreads(string spec)
    {
        RandomSequence sequence = new(700, seed: 24);
        foreach (string chunks in (string[])[spec, spec + ":prefill=" + spec.Split(':')[0]])
        {
            IAttentionPolicy policy = AttentionPolicies.Create(chunks, 512);
            Assert.Equal(sequence.Run(policy, [160, 70, 1]), sequence.Run(policy, [160, 70, 1], threads: 4));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1)]
    public void Answer_PasskeyFarBeyondTheTrainedWindow_IsRight(double depth)
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        model.Tell(3000, depth);
        Assert.All(Remembering, spec => Assert.Contains("41873", model.Answer(AttentionPolicies.Create(spec, 512))));
    }

    [Theory, MemberData(nameof(Flat))]
    public void Loss_BeyondTheTrainedWindow_StaysFlat(string spec)
    {
        using BundledModel model = new(AttentionPolicies.Create(spec, 512), 4000);
        double[] loss = model.Loss(512, chunk: 32);
        Assert.All(loss[1..], bucket => Assert.InRange(bucket, 0, loss[1..].Average() + 0.75));
    }

    [Theory, MemberData(nameof(Bad))]
    public void Create_BadOptions_NamesAllOfThem(string spec, string[] failures)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, 512)).Message;
        Assert.All(failures, failure => Assert.Contains(failure, message));
    }

    private static IEnumerable<string> Specs(IEnumerable<object[]> rows) => rows.Select(row => (string)row[0]);

    private static float[] Logits(Checkpoint checkpoint, CpuBackend backend, ComputePool pool, IAttentionPolicy policy, int[] tokens)
    {
        using SequenceDriver driver = new(checkpoint, backend, pool, policy, tokens.Length);
        return [.. tokens.Chunk(29).SelectMany(chunk => driver.Step(chunk, allRows: true))];
    }
}
