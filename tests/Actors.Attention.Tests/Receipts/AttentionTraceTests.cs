namespace Actors.Attention.Tests;

/// <summary>What a trace says was read, against shares of attention in double.</summary>
public sealed class AttentionTraceTests
{
    private static readonly MemoryOptions Zones = new() { SinkTokens = 32, WindowTokens = 96, Placement = MemoryPlacement.Constant, TrainedWindow = 400 };

    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(300)]
    public void Read_Dense_EqualsReference(int chunk)
    {
        RandomSequence sequence = new(600, seed: 21);
        AttentionReceipt receipt = Trace(sequence, new DensePolicy(), [chunk]);
        Assert.Equal(1f, receipt.WindowMass, 4);
        Check(sequence, receipt, RandomSequence.Dense(599), 600);
    }

    [Fact]
    public void Read_LongDenseRowReadInRanges_EqualsReferenceForAnyThreads()
    {
        RandomSequence sequence = new(4500, seed: 22, new(1, 2, 1, 16));
        AttentionReceipt one = Trace(sequence, new DensePolicy(), [4499, 1]), many = Trace(sequence, new DensePolicy(), [4499, 1], threads: 4);
        Check(sequence, one, RandomSequence.Dense(4499), 4500);
        Assert.Equal(one.Read, many.Read);
        Assert.Equal(one with { Read = [] }, many with { Read = [] });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    public void Read_SinksWindowAndMemory_EqualsReferenceByZone(int chunk)
    {
        RandomSequence sequence = new(700, seed: 23, attentionScale: 1.1f);
        AttentionReceipt receipt = Trace(sequence, new MemoryReaderTests.Everything(Zones, vectors: false), [chunk]);
        var keys = Enumerable.Range(0, 700).Select(token => token < Zones.View(699).WindowStart ? (token, 0, 96) : (token, token, 699)).ToArray();
        Check(sequence, receipt, keys, 700);
        Assert.Equal(Mass(sequence, keys, token => token < 32), receipt.SinkMass, 4);
        Assert.Equal(Mass(sequence, keys, token => token >= Zones.View(699).WindowStart), receipt.WindowMass, 4);
        Assert.Equal(0, receipt.SummaryMass);
    }

    [Fact]
    public void Read_Vectors_AreSummaries()
    {
        RandomSequence sequence = new(700, seed: 24);
        AttentionReceipt tokens = Trace(sequence, new MemoryReaderTests.Everything(Zones, vectors: false), [1]), vectors = Trace(sequence, new MemoryReaderTests.Everything(Zones, vectors: true), [1]);
        Assert.InRange(vectors.SummaryMass, 0.01f, 1);
        Assert.Equal(tokens.MemoryMass, vectors.MemoryMass + vectors.SummaryMass, 4);
        Assert.Equal(1f, vectors.SinkMass + vectors.WindowMass + vectors.MemoryMass + vectors.SummaryMass, 4);
    }

    [Fact]
    public void Read_ChosenGroups_NamesNothingElseAndChangesNoResult()
    {
        RandomSequence sequence = new(1500, seed: 25);
        BlocksPolicy policy = new(new() { SinkTokens = 16, WindowTokens = 96, Selection = new() { BeamGroups = 12, KeptGroups = 5 } });
        AttentionTrace trace = new(sequence.Shape);
        float[] traced = sequence.Run(policy, [1], begin: attention => attention.Trace = trace);
        Assert.Equal(sequence.Run(policy, [1]), traced);
        AttentionReceipt receipt = trace.Read(1500);
        Assert.Equal(1499, receipt.Position);
        Assert.Equal(1f, receipt.SinkMass + receipt.WindowMass + receipt.MemoryMass, 4);
        int start = policy.View(1499).WindowStart;
        // Each KV head chooses for itself.
        Assert.InRange(receipt.Read.Count(token => token.Position >= 16 && token.Position < start), 5 * 16, 2 * 5 * 16);
        Assert.Equal(trace.Read(10).Read, receipt.Read.Take(10));
    }

    [Fact]
    public void Read_NothingRecorded_Throws() => Assert.Throws<InvalidOperationException>(() => new AttentionTrace(new(1, 2, 1, 16)).Read(1));

    private static AttentionReceipt Trace(RandomSequence sequence, IAttentionPolicy policy, int[] chunks, int threads = 1)
    {
        AttentionTrace trace = new(sequence.Shape);
        sequence.Run(policy, chunks, threads, begin: attention => attention.Trace = trace);
        return trace.Read(sequence.Tokens);
    }

    private static double Mass(RandomSequence sequence, IReadOnlyList<(int, int, int)> keys, Func<int, bool> counts) => Enumerable.Range(0, sequence.Shape.QueryHeads)
        .Average(head => sequence.Shares(sequence.Tokens - 1, head, keys).Where(key => counts(key.Token)).Sum(key => key.Share));

    private static void Check(RandomSequence sequence, AttentionReceipt receipt, IEnumerable<(int, int, int)> keys, int tokens)
    {
        double[] mass = new double[tokens], greatest = new double[tokens];
        for (int head = 0; head < sequence.Shape.QueryHeads; head++)
        {
            foreach ((int token, double share) in sequence.Shares(tokens - 1, head, keys))
            {
                mass[token] += share / sequence.Shape.QueryHeads;
                greatest[token] = Math.Max(greatest[token], share);
            }
        }
        Assert.True(receipt.Read.Count > tokens / 2);
        Assert.All(receipt.Read, read =>
        {
            Assert.Equal(mass[read.Position], read.Mass, 5);
            Assert.Equal(greatest[read.Position], read.Greatest, 4);
        });
        Assert.Equal(receipt.Read.OrderByDescending(read => read.Greatest).ThenBy(read => read.Position), receipt.Read);
    }
}
