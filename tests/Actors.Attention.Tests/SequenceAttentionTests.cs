namespace Actors.Attention.Tests;

public sealed class SequenceAttentionTests
{
    private static readonly int[] Rows = [0, 1, 15, 16, 63, 64, 100, 255, 256, 300, 511, 512, 699];

    public static TheoryData<int> ChunkSizes => [1, 7, 64, 200, 700];

    [Theory, MemberData(nameof(ChunkSizes))]
    public void Execute_Dense_EqualsReference(int chunk)
    {
        RandomSequence sequence = new(700, seed: 1);
        Assert.InRange(sequence.Difference(sequence.Run(new DensePolicy(), [chunk]), Rows, RandomSequence.Dense), 0, 2e-5);
    }

    [Theory]
    [InlineData(4, 2, 16)]
    [InlineData(4, 4, 24)]
    [InlineData(8, 1, 64)]
    [InlineData(4, 2, 128)]
    public void Execute_DenseOfOtherShapes_EqualsReference(int queryHeads, int kvHeads, int headDim)
    {
        RandomSequence sequence = new(150, seed: 2, new(1, queryHeads, kvHeads, headDim), attentionScale: 1.2f, sharpness: 1);
        Assert.InRange(sequence.Difference(sequence.Run(new DensePolicy(), [33, 1]), [0, 31, 32, 99, 149], RandomSequence.Dense), 0, 2e-5);
    }

    [Fact]
    public void Execute_LongDenseRow_EqualsReferenceAndDoesNotDependOnChunksOrThreads()
    {
        RandomSequence sequence = new(4500, seed: 3, new(1, 2, 1, 16));
        float[] prefill = sequence.Run(new DensePolicy(), [4500]), decode = sequence.Run(new DensePolicy(), [4400, 1]), threads = sequence.Run(new DensePolicy(), [300, 5, 1, 1000], threads: 4);
        Assert.InRange(sequence.Difference(prefill, [2047, 2048, 4499], RandomSequence.Dense), 0, 2e-5);
        Assert.Equal(prefill, decode);
        Assert.Equal(prefill, threads);
    }

    [Theory, MemberData(nameof(ChunkSizes))]
    public void Execute_Streaming_EqualsReRopingTheCacheBySlots(int chunk)
    {
        const int Sinks = 5, Window = 91;
        RandomSequence sequence = new(700, seed: 4);
        float[] outputs = sequence.Run(new StreamingPolicy(new() { SinkTokens = Sinks, WindowTokens = Window }), [chunk]);
        Assert.InRange(sequence.Difference(outputs, Rows, row =>
        {
            List<int> cache = row < Sinks + Window
                ? [.. Enumerable.Range(0, row + 1)]
                : [.. Enumerable.Range(0, Sinks), .. Enumerable.Range(row + 1 - Window, Window)];
            return cache.Select((token, slot) => (token, slot, cache.Count - 1));
        }), 0, 2e-5);
    }

    [Theory, MemberData(nameof(ChunkSizes))]
    public void Execute_BlocksWithRoomForAllGroups_EqualsJointSoftmaxAtOneDistance(int chunk)
    {
        RandomSequence sequence = new(700, seed: 5, attentionScale: 1.1f);
        BlocksOptions options = new() { SinkTokens = 16, WindowTokens = 96, Distance = 300, Selection = new() { BeamGroups = 64, KeptGroups = 64, ProbeGroups = 0 } };
        float[] outputs = sequence.Run(new BlocksPolicy(options), [chunk]);
        Assert.InRange(sequence.Difference(outputs, Rows, row =>
        {
            int start = (row / 32 * 32) - 96;
            return start <= 16
                ? RandomSequence.Dense(row)
                : Enumerable.Range(0, start).Select(token => (token, 0, 300)).Concat(Enumerable.Range(start, row + 1 - start).Select(token => (token, token, row)));
        }), 0, 2e-5);
    }

    [Fact]
    public void Execute_BlocksWithNarrowBeam_DoesNotDependOnThreadsOrShortChunks()
    {
        RandomSequence sequence = new(1500, seed: 6);
        BlocksOptions options = new() { SinkTokens = 16, WindowTokens = 96, Selection = new() { BeamGroups = 12, KeptGroups = 5 } };
        float[] one = sequence.Run(new BlocksPolicy(options), [1]), short32 = sequence.Run(new BlocksPolicy(options), [32, 7, 19], threads: 4);
        Assert.Equal(one, short32);
        float[] prefill = sequence.Run(new BlocksPolicy(options), [512]), again = sequence.Run(new BlocksPolicy(options), [512], threads: 4);
        Assert.Equal(prefill, again);
    }

    [Fact]
    public void Execute_WindowAsLongAsTheContext_IsBitEqualToDense()
    {
        RandomSequence sequence = new(600, seed: 7);
        float[] dense = sequence.Run(new DensePolicy(), [200]);
        Assert.Equal(dense, sequence.Run(new BlocksPolicy(new() { WindowTokens = 608 }), [200]));
        Assert.Equal(dense, sequence.Run(new StreamingPolicy(new() { WindowTokens = 600 }), [200]));
        Assert.Equal(dense, sequence.Run(new AutoPolicy(1024, new()), [200]));
    }

    [Fact]
    public void Execute_FirstWindow_IsBitEqualToDense()
    {
        RandomSequence sequence = new(600, seed: 8);
        int floats = 192 * 6 * 32;
        float[] dense = sequence.Run(new DensePolicy(), [100])[..floats];
        Assert.Equal(dense, sequence.Run(new BlocksPolicy(new() { WindowTokens = 192 }), [100])[..floats]);
        Assert.Equal(dense, sequence.Run(new StreamingPolicy(new() { WindowTokens = 192, SinkTokens = 4 }), [100])[..floats]);
        Assert.Equal(dense, sequence.Run(new AutoPolicy(192, new() { WindowTokens = 64 }), [100])[..floats]);
    }
}
