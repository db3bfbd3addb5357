namespace Actors.Kernels.Tests;

public sealed class ElementwiseTests
{
    [Fact]
    public void SwiGlu_EveryLength_EqualsDoubleReference()
    {
        for (int length = 0; length <= 257; length++)
        {
            (float[] gate, float[] up) = (Values(length, 12, 1), Values(length, 3, 2));
            foreach (Action<float[], float[], float[]> apply in (Action<float[], float[], float[]>[])[
                (g, u, d) => SwiGlu.Apply(g, u, d), (g, u, d) => SwiGlu.Apply256(g, u, d), (g, u, d) => SwiGlu.ApplyScalar(g, u, d)])
            {
                float[] destination = new float[length];
                apply(gate, up, destination);
                for (int i = 0; i < length; i++)
                {
                    double expected = gate[i] / (1 + Math.Exp(-(double)gate[i])) * up[i];
                    Assert.Equal(expected, destination[i], Math.Abs(expected) * 1e-6 + 1e-30); // Eight roundings of 6e-8 each, with room to spare.
                }
            }
        }
    }

    [Fact]
    public void SwiGlu_ElementAtAnyPlace_GivesTheSameBits()
    {
        float[] gate = Values(64, 20, 3), up = Values(64, 2, 4), whole = new float[64];
        SwiGlu.Apply(gate, up, whole);
        for (int start = 0; start < 64; start++)
        {
            for (int length = 1; start + length <= 64; length++)
            {
                float[] part = new float[length];
                SwiGlu.Apply(gate.AsSpan(start, length), up.AsSpan(start, length), part);
                Assert.True(part.AsSpan().SequenceEqual(whole.AsSpan(start, length)), $"[{start}, {start + length}) differs");
            }
        }
    }

    [Fact]
    public void SwiGlu_ExtremeGates_StayFiniteOrPropagate()
    {
        float[] gate = [-200, 200, 0, float.NaN, float.NegativeInfinity], up = [1, 2, 3, 1, 1], destination = new float[5];
        SwiGlu.Apply(gate, up, destination);
        Assert.Equal(0, destination[0]);
        Assert.Equal(400, destination[1]);
        Assert.Equal(0, destination[2]);
        Assert.True(float.IsNaN(destination[3]));
        Assert.True(float.IsNaN(destination[4])); // -infinity / infinity: an overflowed activation must not vanish silently.
    }

    [Fact]
    public void RmsNorm_EveryLength_EqualsDoubleReferenceAlsoInPlace()
    {
        for (int length = 1; length <= 257; length++)
        {
            float[] x = Values(length, 5, 5), weight = Values(length, 2, 6), destination = new float[length];
            RmsNorm.Apply(x, weight, 1e-5f, destination);
            double mean = x.Sum(v => (double)v * v) / length, scale = 1 / Math.Sqrt(mean + 1e-5f);
            for (int i = 0; i < length; i++)
            {
                double expected = x[i] * scale * weight[i];
                Assert.Equal(expected, destination[i], Math.Abs(expected) * 3e-6 + 1e-30); // Length/32 roundings in the sum, five after it.
            }

            RmsNorm.Apply(x, weight, 1e-5f, x);
            Assert.Equal(destination, x);
        }
    }

    [Fact]
    public void RmsNorm_RowOfZeros_StaysZero()
    {
        float[] x = new float[8];
        RmsNorm.Apply(x, [1, 1, 1, 1, 1, 1, 1, 1], 1e-6f, x);
        Assert.All(x, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Apply_LengthsThatDiffer_Throws()
    {
        Assert.Throws<ArgumentException>(() => RmsNorm.Apply(new float[2], new float[3], 1e-5f, new float[2]));
        Assert.Throws<ArgumentException>(() => RmsNorm.Apply([], [], 1e-5f, []));
        Assert.Throws<ArgumentException>(() => SwiGlu.Apply(new float[2], new float[2], new float[3]));
    }

    private static float[] Values(int length, float range, int seed)
    {
        var random = new Random(seed * 1000 + length);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (random.NextSingle() * 2 - 1) * range;
        }

        return values;
    }
}
