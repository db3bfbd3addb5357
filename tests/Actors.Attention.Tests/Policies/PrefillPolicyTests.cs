using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests.Policies;

/// <summary>Policies that read long chunks.</summary>
public sealed class PrefillPolicyTests
{
    private static readonly int[] Rows = [150, 299, 333, 440, 512, 699];

    /// <summary>Specs that read everything.</summary>
    public static TheoryData<string> Unlimited =>
    [
        "minference:window=64:sinks=16:columns=65536",
        "minference:window=64:sinks=16:columns=7:slashes=65536",
        "sample:window=64:sinks=16:alpha=1:slashes=0",
        "sample:window=64:sinks=16:alpha=0:slashes=1",
        "hyper:window=64:sinks=16",
        "hyper:window=64:sinks=16:minimum=0:block=65536",
        "hyper:window=64:sinks=16:minimum=0:block=16:samples=65536",
    ];

    /// <summary>Specs that read little.</summary>
    public static TheoryData<string> Limited =>
    [
        "minference:window=64:sinks=16:columns=9:slashes=48:queries=20",
        "sample:window=64:sinks=16:alpha=0.4:slashes=0.2:segment=100:queries=5",
        "hyper:window=64:sinks=16:minimum=100:block=32:samples=20",
    ];

    /// <summary>Specs that read less than everything by default.</summary>
    public static TheoryData<string> Named => ["minference", "sample", "hyper:minimum=512"];

    [Theory, MemberData(nameof(Unlimited))]
    public void Execute_BudgetOfAllTokens_EqualsJointSoftmax(string spec)
    {
        RandomSequence sequence = new(700, seed: 31, attentionScale: 1.1f);
        Assert.InRange(sequence.Difference(sequence.Run(AttentionPolicies.Create(spec + ":positions=true", 512), [300, 33, 1, 200]), Rows, RandomSequence.Dense), 0, 2e-5);
        float[] auto = sequence.Run(AttentionPolicies.Create(spec, 512), [300, 33, 1, 200]); // one distance from 512 on, in the middle of a chunk
        Assert.InRange(sequence.Difference(auto, Rows, row => Placed(row, Enumerable.Range(0, row + 1))), 0, 2e-5);
    }

    [Theory, MemberData(nameof(Unlimited))]
    public void Step_BudgetOfAllTokens_EqualsDense(string spec)
    {
        foreach (string name in RepositoryFiles.ReferenceNames)
        {
            using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
            using ComputePool pool = new(1);
            using CpuBackend backend = new(checkpoint, pool);
            int[] tokens = [.. Enumerable.Range(0, 180).Select(i => i * 37 % backend.Shape.VocabularySize)];
            float[] Logits(IAttentionPolicy policy)
            {
                using SequenceDriver driver = new(checkpoint, backend, pool, policy, tokens.Length);
                return [.. tokens.Chunk(140).SelectMany(chunk => driver.Step(chunk, allRows: true))];
            }
            Assert.InRange(Logits(new DensePolicy()).Zip(Logits(AttentionPolicies.Create(spec + ":positions=true", 512)), (x, y) => MathF.Abs(x - y)).Max(), 0, 1e-3f);
        }
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_LittleBudget_ReadsLittleAndTheFirstWindowLikeDense(string spec)
    {
        RandomSequence sequence = new(700, seed: 32);
        long keys = 0, all = 0;
        float[] dense = sequence.Run(new DensePolicy(), [350], afterCommit: (attention, _) => all = attention.Report.KeysRead);
        float[] sparse = sequence.Run(AttentionPolicies.Create(spec, 512), [350], afterCommit: (attention, _) => keys = attention.Report.KeysRead);
        Assert.Equal(dense[..(64 * 192)], sparse[..(64 * 192)]);
        Assert.NotEqual(dense[^192..], sparse[^192..]);
        Assert.InRange(keys, 1, all - 1);
    }

    [Theory, MemberData(nameof(Limited))]
    public void IndexBytes_AfterLongChunks_AreGivenBackWhileDecoding(string spec)
    {
        List<long> bytes = [];
        new RandomSequence(400, seed: 39).Run(AttentionPolicies.Create(spec, 512), [300, 98, 1], afterCommit: (attention, _) => bytes.Add(attention.IndexBytes));
        Assert.InRange(bytes[0], 1, 4 << 20);
        Assert.True(bytes[^1] < bytes[0] / 4);
    }

    [Theory, MemberData(nameof(Limited))]
    public void Execute_ThreadsAndCuts_ChangeNothing(string spec)
    {
        RandomSequence sequence = new(700, seed: 33, new(2, 6, 2, 32));
        IAttentionPolicy policy = AttentionPolicies.Create(spec, 512);
        float[] one = sequence.Run(policy, [160, 70, 1, 199]);
        Assert.Equal(one, sequence.Run(policy, [160, 70, 1, 199], threads: 4));
        bool cut = false;
        Assert.Equal(one, sequence.Run(policy, [160, 70, 200, 1, 199], cutTo: tokens => tokens == 430 && !cut && (cut = true) ? 230 : tokens));
    }

    [Theory, MemberData(nameof(Unlimited))]
    public void Execute_LayersThatShareWeights_ReadTheirOwnValues(string spec)
    {
        RandomSequence sequence = new(400, seed: 37, new(2, 6, 2, 32));
        float[] expected = sequence.Run(AttentionPolicies.Create("dense:share=0-1", 512), [200]), actual = sequence.Run(AttentionPolicies.Create(spec + ":positions=true:share=0-1", 512), [200]);
        Assert.InRange(expected.Zip(actual, (x, y) => MathF.Abs(x - y)).Max(), 0, 2e-5f);
    }

    [Theory, MemberData(nameof(Named))]
    public void Execute_ShortChunks_ReadEverything(string spec)
    {
        RandomSequence sequence = new(300, seed: 34);
        Assert.Equal(sequence.Run(new DensePolicy(), [1]), sequence.Run(AttentionPolicies.Create(spec + ":window=64:positions=true", 512), [1]));
        float[] auto = sequence.Run(AttentionPolicies.Create(spec + ":window=64:sinks=16", 128), [32]);
        Assert.InRange(sequence.Difference(auto, [100, 127, 128, 299], row => Placed(row, Enumerable.Range(0, row + 1), trained: 128)), 0, 2e-5);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("constant")]
    public void Minference_ColumnsAndSlashes_AreThoseThatTheLastQueriesAttendTo(string positions)
    {
        const int Tokens = 500, First = 250, Queries = 24, Columns = 6;
        RandomSequence sequence = new(Tokens, seed: 35);
        float[] outputs = sequence.Run(AttentionPolicies.Create($"minference:window=64:sinks=16:positions={positions}:columns={Columns}:slashes=32:queries={Queries}", 512), [First]);
        for (int kvHead = 0; kvHead < 2; kvHead++)
        {
            double[] columns = new double[Tokens], bands = new double[Tokens];
            for (int row = Tokens - Queries; row < Tokens; row++)
            {
                for (int head = kvHead * 3; head < (kvHead + 1) * 3; head++)
                {
                    foreach ((int token, double share) in sequence.Shares(row, head, Placed(row, Enumerable.Range(0, row + 1), positions)).Where(key => key.Token >= 16 && key.Token < Start(row)))
                    {
                        columns[token] += share;
                        bands[(row - token) / 16] += share;
                    }
                }
            }
            HashSet<int> single = [.. Enumerable.Range(16, Start(Tokens - 1) - 16).OrderByDescending(token => columns[token]).Take(Columns)];
            int[] bestBands = [.. Enumerable.Range(4, 30).OrderByDescending(band => bands[band]).Take(2)];
            foreach (int row in (int[])[First, 300, 411, 499])
            {
                int group = row / 32 * 2;
                IEnumerable<int> seen = Enumerable.Range(0, row + 1).Where(token => token < 16 || token >= Start(row) || single.Contains(token) || bestBands.Any(band => Math.Abs(group - (token / 16) - band) <= 1));
                double[] expected = sequence.Reference(row, kvHead * 3, Placed(row, seen, positions));
                for (int i = 0; i < 32; i++)
                    Assert.Equal(expected[i], outputs[(((row * 6) + (kvHead * 3)) * 32) + i], 2e-5);
            }
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Sample_Alpha_IsTheShareThatIsKept(double alpha)
    {
        const int Tokens = 500, First = 250;
        RandomSequence sequence = new(Tokens, seed: 36);
        float[] outputs = sequence.Run(AttentionPolicies.Create(FormattableString.Invariant($"sample:window=32:sinks=16:positions=true:alpha={alpha}:slashes=0:segment=250:queries=10"), 512), [First]);
        double[] blocks = new double[4];
        double memory = 0;
        for (int row = Tokens - 10; row < Tokens; row++)
        {
            for (int head = 0; head < 3; head++)
            {
                foreach ((int token, double share) in sequence.Shares(row, head, RandomSequence.Dense(row)).Where(key => key.Token >= 16 && key.Token < (row / 32 * 32) - 32))
                    (blocks[token / 128], memory) = (blocks[token / 128] + (share / 30), memory + (share / 30));
            }
        }
        List<int> kept = [];
        foreach (int block in Enumerable.Range(0, 4).OrderByDescending(block => blocks[block]))
        {
            if (1 - memory + kept.Sum(each => blocks[each]) < alpha)
                kept.Add(block);
        }
        Assert.InRange(kept.Count, 1, 3);
        double[] expected = sequence.Reference(499, 0, RandomSequence.Dense(499).Where(key => key.Token < 16 || key.Token >= 448 || kept.Contains(key.Token / 128)));
        for (int i = 0; i < 32; i++)
            Assert.Equal(expected[i], outputs[(499 * 6 * 32) + i], 2e-5);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("constant")]
    public void Hyper_BlocksAndSamples_AreThoseOfTheSortedOrder(string positions)
    {
        const int Tokens = 512, First = 208, Memory = 128, Block = 48, Samples = 32, Head = 4;
        RandomSequence sequence = new(Tokens, seed: 38, attentionScale: 1.1f);
        float[] outputs = sequence.Run(AttentionPolicies.Create($"hyper:window=64:sinks=16:positions={positions}:minimum=0:block={Block}:samples={Samples}", 512), [First]);
        // The second chunk begins at 208: its first row remembers tokens 16 to 127, and what later rows remember more is read exactly.
        AngularHash hash = new(32);
        int Bucket(double[] vector) => hash.Bucket(vector.Select(value => (float)value).ToArray());
        (int Token, int KeyPosition, int QueryPosition) Place(int row, int token) => Placed(row, [token], positions).Single();
        int[] keys = [.. Enumerable.Range(16, Memory - 16).OrderBy(token => Bucket(sequence.Key(token, Head / 3, Place(First, token).KeyPosition)))];
        int[] rows = [.. Enumerable.Range(First, First).OrderBy(row => Bucket(sequence.Query(row, Head, Place(row, 16).QueryPosition)))];
        int[] samples = new int[Samples];
        AngularHash.Draw(16, Memory, samples, ((ulong)(Head / 3) << 32) + First);
        int blocks = (keys.Length + Block - 1) / Block;
        foreach (int row in (int[])[First, 299, 415])
        {
            int block = Enumerable.Range(0, blocks).Single(i => Array.IndexOf(rows, row) >= rows.Length * i / blocks && Array.IndexOf(rows, row) < rows.Length * (i + 1) / blocks);
            int[] own = [.. keys.Skip(block * Block).Take(Block)];
            // 112 keys and 32 samples: each of them counts 3.5 times, which twice the list makes whole.
            IEnumerable<int> exact = Enumerable.Range(0, row + 1).Where(token => token < 16 || token >= Memory).Concat(own);
            IEnumerable<int> all = [.. exact, .. exact, .. samples.Except(own).SelectMany(token => Enumerable.Repeat(token, 7))];
            double[] expected = sequence.Reference(row, Head, Placed(row, all, positions));
            for (int i = 0; i < 32; i++)
                Assert.Equal(expected[i], outputs[(((row * 6) + Head) * 32) + i], 3e-5);
        }
    }

    [Fact]
    public void Place_PatternsOfSides_DifferInOneFromTheirNeighbours()
    {
        int[] patterns = new int[AngularHash.Buckets];
        for (int sides = 0; sides < patterns.Length; sides++)
            patterns[AngularHash.Place(sides)] = sides;
        Assert.Equal(patterns.Length, patterns.Distinct().Count());
        Assert.All(patterns.Zip(patterns.Skip(1)), pair => Assert.Equal(1, System.Numerics.BitOperations.PopCount((uint)(pair.First ^ pair.Second))));
    }

    [Theory, MemberData(nameof(Named))]
    public void Answer_PasskeyReadInLongChunks_IsRight(string prefill)
    {
        foreach (double depth in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            using BundledModel model = new(AttentionPolicies.Create(Prefilled(prefill), 512), 3500);
            model.TellInChunks(1800, depth, 512);
            Assert.Contains("41873", model.Answer());
        }
    }

    [Theory, MemberData(nameof(Named))]
    public void Loss_BeyondTheTrainedWindow_StaysFlat(string prefill)
    {
        using BundledModel model = new(AttentionPolicies.Create(Prefilled(prefill), 512), 4000);
        double[] loss = model.Loss(512);
        Assert.All(loss[1..], bucket => Assert.InRange(bucket, 0, loss[1..].Average() + 0.75));
    }

    [Theory]
    [InlineData("minference:columns=-1:slashes=2000000:queries=0:window=33:x=1", "columns is -1", "slashes is 2000000", "queries is 0", "window is 33", "no option 'x'")]
    [InlineData("sample:alpha=2:slashes=-1:segment=16:queries=0", "alpha is 2", "slashes is -1", "segment is 16", "queries is 0")]
    [InlineData("hyper:block=1:samples=-1:minimum=-1:from=-1:sinks=3", "block is 1", "samples is -1", "minimum is -1", "from is -1", "sinks is 3")]
    [InlineData("auto:prefill=minference:prefill.columns=-1:prefill.queries=0", "columns is -1", "queries is 0")]
    public void Create_BadOptions_NamesAllOfThem(string spec, params string[] failures)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, 512)).Message;
        Assert.All(failures, failure => Assert.Contains(failure, message));
    }

    private static string Prefilled(string prefill) => "auto:prefill=" + prefill.Replace(":", ":prefill.");

    private static int Start(int row) => Math.Max(0, (row / 32 * 32) - 64);

    // Where a window of 64 and 16 sinks place keys.
    private static IEnumerable<(int Token, int KeyPosition, int QueryPosition)> Placed(int row, IEnumerable<int> tokens, string positions = "auto", int trained = 512)
    {
        bool far = Start(row) > 16 && (positions == "constant" || (positions == "auto" && row >= trained));
        return tokens.Select(token => far && token < Start(row) ? (token, 0, 64) : (token, token, row));
    }
}
