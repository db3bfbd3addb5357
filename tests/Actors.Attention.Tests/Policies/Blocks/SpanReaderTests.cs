namespace Actors.Attention.Tests.Policies;

public sealed class SpanReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(200)]
    public void Execute_BudgetHoldsAllSpans_EqualsJointSoftmaxAtOneDistance(int chunk)
    {
        RandomSequence sequence = new(500, seed: 72, attentionScale: 1.1f);
        float[] outputs = sequence.Run(AttentionPolicies.Create("blocks:sinks=16:window=96:distance=300:kept=64:beam=64:spans=on", 512), [chunk]);
        Assert.InRange(sequence.Difference(outputs, [100, 127, 128, 200, 255, 256, 400, 499], row =>
        {
            int start = (row / 32 * 32) - 96;
            return start <= 16
                ? RandomSequence.Dense(row)
                : Enumerable.Range(0, start).Select(token => (token, 0, 300)).Concat(Enumerable.Range(start, row + 1 - start).Select(token => (token, token, row)));
        }), 0, 5e-5);
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesItAndOffChangesNothing()
    {
        string[] specs = ["blocks", "blocks:spans=on", "blocks:spans=on:spans.segment=64", "blocks:spans=on:spans.most=32", "blocks:spans=on:spans.threshold=0.1", "blocks:spans=on:spans.overlap=0.5", "blocks:spans=on:spans.index=mean"];
        Assert.Equal(specs.Length, specs.Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint).Distinct().Count());
        Assert.StartsWith(new BlocksPolicy(BlocksOptions.For(512)).Fingerprint + "|", AttentionPolicies.Create("blocks:spans=off", 512).Fingerprint);
    }
}
