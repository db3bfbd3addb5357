namespace Actors.Kernels.Tests.Attention;

public sealed class TopKTests
{
    [Fact]
    public void Select_AnyLengthAndCount_EqualsAStableSort()
    {
        for (int length = 0; length <= 257; length += length < 40 ? 1 : 31)
        {
            Random random = new(length);
            float[] values = [.. Enumerable.Range(0, length).Select(_ => random.Next(8) switch
            {
                0 => 0f, 1 => -0f, 2 => float.NegativeInfinity, 3 => float.PositiveInfinity, 4 => -1e-42f, _ => (random.NextSingle() - 0.5f) * 100,
            })];
            foreach (int count in (int[])[0, 1, 2, 7, 16, length / 2, length, length + 5])
            {
                int[] indices = new int[Math.Min(count, length)];
                int found = TopK.Select(values, count, indices);
                Assert.Equal(Math.Min(count, length), found);
                int[] expected = [.. Enumerable.Range(0, length).OrderByDescending(i => values[i]).ThenBy(i => i).Take(count).Order()];
                Assert.Equal(expected, indices);
            }
        }
    }

    [Fact]
    public void Select_ShortDestination_Throws() => Assert.Throws<ArgumentException>(() => TopK.Select([1, 2, 3], 2, new int[1]));
}
