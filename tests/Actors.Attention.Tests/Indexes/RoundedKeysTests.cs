using System.Runtime.Intrinsics;

namespace Actors.Attention.Tests.Indexes;

public sealed class RoundedKeysTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(1024)]
    public void Bound_AnyKeyAndQuery_IsNeverBelowTheScoreAndNotFarAbove(int headDim)
    {
        Random random = new(headDim);
        RoundedKeys rounded = new(headDim);
        List<float[]> keys = [];
        for (int key = 0; key < 200; key++)
        {
            float scale = MathF.ScaleB(1, random.Next(-10, 10));
            keys.Add([.. Enumerable.Range(0, headDim).Select(i => key % 50 == 7 ? 0 : scale * (random.NextSingle() - 0.4f) * (i == 3 ? 30 : 1))]);
            rounded.Append(keys[^1]);
        }
        int[] pairs = new int[rounded.Pairs];
        for (int trial = 0; trial < 20; trial++)
        {
            float[] query = [.. Enumerable.Range(0, headDim).Select(_ => trial == 5 ? 0 : (random.NextSingle() - 0.5f) * (trial + 1))];
            RoundedQuery prepared = rounded.Round(query, pairs);
            for (int key = 0; key < keys.Count; key++)
            {
                float bound = rounded.Bound(key / 16, pairs, prepared)[key % 16], score = RowKernel.Dot(query, keys[key]);
                double room = 0.012 * Math.Sqrt(headDim) * Norm(query) * keys[key].Max(MathF.Abs);
                Assert.True(bound >= score, $"bound {bound} of key {key} is below its score {score}");
                Assert.InRange(bound - score, 0, room + (2 * prepared.Slack));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(128)]
    public void SumScalar_AnyPairs_EqualsTheVectorForm(int pairs)
    {
        Random random = new(pairs);
        RoundedKeys rounded = new(2 * pairs);
        for (int key = 0; key < 16; key++)
            rounded.Append([.. Enumerable.Range(0, 2 * pairs).Select(_ => random.NextSingle() - 0.5f)]);
        float[] query = [.. Enumerable.Range(0, 2 * pairs).Select(_ => random.NextSingle() - 0.5f)];
        int[] integers = new int[pairs];
        RoundedQuery prepared = rounded.Round(query, integers);
        sbyte[] block = rounded.Block(0).ToArray();
        Vector512<int> sums = RoundedKeys.SumScalar(ref block[0], ref integers[0], pairs);
        Assert.Equal(sums, RoundedKeys.Sum(ref block[0], ref integers[0], pairs));
        Assert.NotEqual(Vector512<int>.Zero, sums);
        Assert.True(prepared.Unit > 0);
    }

    private static double Norm(float[] row) => Math.Sqrt(row.Sum(value => (double)value * value));
}
