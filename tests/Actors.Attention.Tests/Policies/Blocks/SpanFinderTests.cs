namespace Actors.Attention.Tests.Policies;

public sealed class SpanFinderTests
{
    private const int Tokens = 64;

    [Fact]
    public void Find_TrianglesInTheMap_GivesTheirBordersAndFillsTheGaps()
    {
        float[] map = new float[Tokens * Tokens];
        Fill(map, 0, 10);
        Fill(map, 10, 30);
        Fill(map, 40, 58);
        Assert.Equal([1000, 1010, 1030, 1040, 1058], Find(new() { SegmentTokens = Tokens, MostTokens = 32, Overlap = 0 }, map));
    }

    [Fact]
    public void Find_NothingAttendsToAnything_CutsAtTheLongestSpan()
        => Assert.Equal([1000, 1024, 1048], Find(new() { SegmentTokens = Tokens, MostTokens = 24 }, new float[Tokens * Tokens]));

    [Fact]
    public void Find_AnyMap_PartitionsTheSegmentIntoSpansOfLimitedLength()
    {
        Random random = new(71);
        foreach (float threshold in (float[])[0, 0.01f, 0.1f, 1])
        {
            float[] map = new float[Tokens * Tokens];
            for (int i = 1; i < Tokens; i++)
            {
                float[] row = [.. Enumerable.Range(0, i).Select(_ => MathF.Pow(random.NextSingle(), 6))];
                for (int j = 0; j < i; j++)
                    map[(i * Tokens) + j] = row[j] / row.Sum();
            }
            int[] starts = Find(new() { SegmentTokens = Tokens, MostTokens = 17, Threshold = threshold }, map);
            Assert.Equal(1000, starts[0]);
            Assert.All(starts.Zip([.. starts.Skip(1), 1000 + Tokens]), span => Assert.InRange(span.Second - span.First, 1, 17));
        }
    }

    private static int[] Find(SpanOptions options, float[] map)
    {
        List<int> starts = [];
        new SpanFinder(options).Find(map, starts, 1000);
        return [.. starts];
    }

    private static void Fill(float[] map, int start, int end)
    {
        for (int i = start + 1; i < end; i++)
        {
            for (int j = start; j < i; j++)
                map[(i * Tokens) + j] = 1f / (i - start);
        }
    }
}
