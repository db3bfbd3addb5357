using FsCheck;
using FsCheck.Fluent;

namespace Actors.Kernels.Tests.Attention;

public sealed class AttentionStateTests
{
    [Fact]
    public void Merge_AnySplitOfTheKeys_EqualsTheWhole()
        => Prop.ForAll(Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(1, 8).ToArbitrary(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (keys, parts, seed) =>
        {
            Random random = new(seed);
            double[] scores = [.. Enumerable.Range(0, keys).Select(_ => (random.NextDouble() - 0.5) * 40)], values = [.. scores.Select(_ => random.NextDouble() - 0.5)];
            int[] part = [.. scores.Select(_ => random.Next(parts))];
            float[] output = [0];
            float lse = float.NegativeInfinity;
            for (int p = 0; p < parts; p++)
            {
                (double value, double partLse) = Softmax([.. scores.Where((_, i) => part[i] == p)], [.. values.Where((_, i) => part[i] == p)]);
                AttentionState.Merge(output, ref lse, [(float)value], (float)partLse);
            }
            (double expected, double expectedLse) = Softmax(scores, values);
            return Math.Abs(output[0] - expected) < 1e-5 && Math.Abs(lse - expectedLse) < 1e-4;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Merge_EmptyParts_ChangeNothing()
    {
        float[] output = [1, 2];
        float lse = 3;
        AttentionState.Merge(output, ref lse, [9, 9], float.NegativeInfinity);
        Assert.Equal([1, 2], output);
        Assert.Equal(3, lse);
        float[] empty = [0, 0];
        float emptyLse = float.NegativeInfinity;
        AttentionState.Merge(empty, ref emptyLse, [0, 0], float.NegativeInfinity);
        Assert.Equal([0, 0], empty);
        Assert.Equal(float.NegativeInfinity, emptyLse);
        AttentionState.Merge(empty, ref emptyLse, output, lse);
        Assert.Equal([1, 2], empty);
        Assert.Equal(3, emptyLse);
    }

    [Fact]
    public void Merge_DifferentLengths_Throws()
    {
        float lse = 0;
        Assert.Throws<ArgumentException>(() => AttentionState.Merge(new float[2], ref lse, new float[3], 0));
    }

    private static (double Value, double Lse) Softmax(double[] scores, double[] values)
    {
        if (scores.Length == 0)
            return (0, double.NegativeInfinity);
        double maximum = scores.Max(), sum = scores.Sum(score => Math.Exp(score - maximum));
        return (scores.Select((score, i) => Math.Exp(score - maximum) / sum * values[i]).Sum(), maximum + Math.Log(sum));
    }
}
