namespace Actors.Attention.Tests.Policies;

public sealed class L2NormTests
{
    [Theory]
    [InlineData("true", 1)]
    [InlineData("constant", 29)]
    public void Execute_ChosenKeys_AreTheOnesWithTheLowestNorms(string positions, int chunk)
    {
        RandomSequence sequence = new(600, seed: 31, new(1, 2, 1, 32), attentionScale: 1.1f);
        float[] outputs = sequence.Run(AttentionPolicies.Create($"l2norm:window=64:sinks=16:ratio=0.25:tokens=100:whole=0:positions={positions}", 512), [chunk]);
        Assert.InRange(sequence.Difference(outputs, [50, 95, 96, 300, 511, 512, 599], row =>
        {
            int start = (row / 32 * 32) - 64;
            if (start <= 16)
                return RandomSequence.Dense(row);
            IEnumerable<int> kept = Enumerable.Range(16, start - 16).OrderBy(token => Norm(sequence.Key(token, 0))).Take(Math.Min((int)Math.Ceiling((start - 16) / 4.0), 100));
            return Enumerable.Range(0, 16).Concat(kept).Select(token => positions == "true" ? (token, token, row) : (token, 0, 64))
                .Concat(Enumerable.Range(start, row + 1 - start).Select(token => (token, token, row)));
        }), 0, 2e-5);
    }

    [Fact]
    public void Execute_FirstLayers_KeepEverything()
    {
        RandomSequence sequence = new(400, seed: 32);
        float[] outputs = sequence.Run(AttentionPolicies.Create("l2norm:window=64:tokens=1:whole=1:positions=constant:beyond=all", 512), [32]);
        Assert.InRange(sequence.Difference(outputs, [399], row => Enumerable.Range(0, 320).Select(token => (token, 0, 64)).Concat(Enumerable.Range(320, 80).Select(token => (token, token, row)))), 0, 2e-5);
        Assert.NotEqual(outputs, sequence.Run(AttentionPolicies.Create("l2norm:window=64:tokens=1:whole=0:positions=constant", 512), [32]));
    }

    [Fact]
    public void Answer_FewKeysKept_IsForgottenUntilThePolicyIsSwitched()
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        model.Tell(3000, 0.5);
        Assert.DoesNotContain("41873", model.Answer(AttentionPolicies.Create("l2norm:tokens=8", 512)));
        Assert.Contains("41873", model.Answer(AttentionPolicies.Create("auto", 512)));
    }

    private static double Norm(ReadOnlySpan<float> key)
    {
        double sum = 0;
        foreach (float value in key)
            sum += (double)value * value;
        return sum;
    }
}
