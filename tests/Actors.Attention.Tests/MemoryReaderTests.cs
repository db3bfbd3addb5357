namespace Actors.Attention.Tests;

/// <summary>The primitives that policies with a memory are made of, through a policy that reads all of it.</summary>
public sealed class MemoryReaderTests
{
    private static readonly int[] Rows = [0, 63, 100, 255, 300, 511, 699];

    [Theory]
    [InlineData(MemoryPlacement.True, 1, false)]
    [InlineData(MemoryPlacement.True, 29, true)]
    [InlineData(MemoryPlacement.Constant, 1, true)]
    [InlineData(MemoryPlacement.Constant, 29, false)]
    [InlineData(MemoryPlacement.Auto, 13, false)]
    [InlineData(MemoryPlacement.Auto, 200, true)]
    public void ReadMemory_AllOfIt_EqualsJointSoftmax(MemoryPlacement placement, int chunk, bool vectors)
    {
        RandomSequence sequence = new(700, seed: 11, attentionScale: 1.1f);
        MemoryOptions options = new() { SinkTokens = 32, WindowTokens = 96, Placement = placement, TrainedWindow = 400 };
        float[] outputs = sequence.Run(new Everything(options, vectors), [chunk]);
        Assert.InRange(sequence.Difference(outputs, Rows, row =>
        {
            AttentionView view = options.View(row);
            bool far = view.Sinks == SinkPlacement.Constant && view != AttentionView.Dense;
            return Enumerable.Range(0, row + 1).Select(token => far && token < view.WindowStart ? (token, 0, 96) : (token, token, row));
        }), 0, 2e-5);
    }

    [Fact]
    public void View_Auto_TurnsConstantBeyondTheTrainedWindow()
    {
        MemoryOptions options = new() { SinkTokens = 16, WindowTokens = 64, TrainedWindow = 512 };
        Assert.Equal(AttentionView.Dense, options.View(80));
        Assert.Equal(SinkPlacement.True, options.View(511).Sinks);
        Assert.Equal(SinkPlacement.Constant, options.View(512).Sinks);
    }

    [Fact]
    public void Create_PolicyThatReadsChunksItself_ComposesOnlyWhatWasAskedFor()
    {
        Assert.IsType<DensePolicy>(AttentionPolicies.Create("dense", 512));
        IAttentionPolicy mixed = AttentionPolicies.Create("streaming:window=64:prefill=dense", 512);
        Assert.Equal("streaming:window=64:prefill=dense", mixed.Name);
        Assert.Equal("dense", mixed.Prefill.Name);
        Assert.NotEqual(mixed.Fingerprint, AttentionPolicies.Create("streaming:window=64", 512).Fingerprint);
    }

    [Theory]
    [InlineData("streaming:window=0:sinks=x:other=3", "window", "whole number", "no option 'other'")]
    [InlineData("blocks:kind=best", "bounds, representatives")]
    [InlineData("dense:prefill=nothing", "no attention policy 'nothing'")]
    [InlineData("dense:x", "name:option=value")]
    [InlineData("streaming:window=64:window=65", "twice")]
    public void Create_BadOptions_NamesAllOfThem(string spec, params string[] words)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, 512)).Message;
        Assert.All(words, word => Assert.Contains(word, message, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Execute_OtherPolicyForLongChunks_UsesItThereOnly()
    {
        RandomSequence sequence = new(400, seed: 12);
        IAttentionPolicy mixed = AttentionPolicies.Create("streaming:window=64:prefill=dense", 512);
        int floats = 6 * 32;
        Assert.Equal(sequence.Run(new DensePolicy(), [384, 1])[..(384 * floats)], sequence.Run(mixed, [384, 1])[..(384 * floats)]);
        Assert.Equal(sequence.Run(AttentionPolicies.Create("streaming:window=64", 512), [32]), sequence.Run(mixed, [32]));
    }

    internal sealed class Everything(MemoryOptions options, bool vectors) : IAttentionPolicy
    {
        public string Name => "everything";

        public string Fingerprint => "everything";

        public AttentionView View(int position) => options.View(position);

        PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new Reader(this, sequence, vectors);
    }

    private sealed class Reader(IAttentionPolicy policy, SequenceContext sequence, bool vectors) : MemoryReader(policy, sequence)
    {
        protected override void ReadMemory(in QueryBlock block, AttentionView view)
        {
            block.Rotate(view);
            int[] tokens = [.. Enumerable.Range(view.SinkTokens, view.WindowStart - view.SinkTokens)];
            int half = tokens.Length / 3;
            for (int row = 0; row < block.Rows; row++)
                block.ReadTokens(tokens.AsSpan(0, half), view, row, 1);
            if (!vectors)
            {
                block.ReadTokens(tokens.AsSpan(half), view, 0, block.Rows);
                return;
            }
            // Each key twice, at half of its weight.
            StoredKeys stored = new(Sequence);
            int count = tokens.Length - half, headDim = block.HeadDim;
            float[] keys = new float[2 * count * headDim], values = new float[2 * count * headDim], weights = new float[2 * count];
            stored.Read(block.Layer, block.Head, tokens[half], count, view.Sinks == SinkPlacement.True, keys);
            stored.ReadValues(block.Layer, block.Head, tokens[half], count, values);
            keys.AsSpan(0, count * headDim).CopyTo(keys.AsSpan(count * headDim));
            values.AsSpan(0, count * headDim).CopyTo(values.AsSpan(count * headDim));
            Array.Fill(weights, -MathF.Log(2));
            block.ReadVectors(keys, values, weights, 0, block.Rows);
        }
    }
}
