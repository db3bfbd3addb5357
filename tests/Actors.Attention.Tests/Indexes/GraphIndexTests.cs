namespace Actors.Attention.Tests.Indexes;

public sealed class GraphIndexTests
{
    private const int HeadDim = 32;

    [Fact]
    public void Learn_QueriesUnlikeTheKeys_FindsMoreOfTheBestWithTheSameWidth()
    {
        KeySamples samples = new(HeadDim, 1);
        float[] keys = samples.Keys(4000), learned = samples.ShiftedQueries(300), asked = samples.ShiftedQueries(60);
        using GraphIndex plain = new(HeadDim, new() { GraphQueue = 20 }), taught = new(HeadDim, new() { GraphQueue = 20 });
        plain.Append(keys);
        taught.Append(keys);
        taught.Learn(learned);
        double before = Recall(plain, keys, asked), after = Recall(taught, keys, asked);
        Assert.InRange(after, Math.Max(before + 0.02, 0.85), 1);
    }

    [Fact]
    public void Search_ManyKeys_ComparesFewOfThem()
    {
        KeySamples samples = new(HeadDim, 2);
        float[] keys = samples.Keys(10_000), asked = samples.NearQueries(20);
        using GraphIndex index = new(HeadDim, new() { GraphQueue = 50 });
        index.Append(keys);
        IndexScratch scratch = new();
        for (int query = 0; query < 20; query++)
        {
            index.Search(asked.AsSpan(query * HeadDim, HeadDim), 10, new int[10], new float[10], scratch);
            Assert.InRange(scratch.Scored, 50, 1500);
        }
    }

    [Fact]
    public void Append_RepeatedKeys_KeepsEachOnceAndFindsAllTheirIds()
    {
        KeySamples samples = new(HeadDim, 3);
        float[] vocabulary = samples.Keys(50);
        Random random = new(4);
        int[] tokens = [.. Enumerable.Range(0, 3000).Select(_ => random.Next(50))];
        float[] keys = [.. tokens.SelectMany(token => vocabulary.AsSpan(token * HeadDim, HeadDim).ToArray())];
        using GraphIndex index = new(HeadDim, KeyIndexOptions.Default);
        index.Append(keys);
        Assert.Equal(50, index.Nodes);
        AssertFlat(index, keys, samples);
        index.Truncate(700);
        AssertFlat(index, keys[..(700 * HeadDim)], samples);
        index.Truncate(3);
        Assert.Equal(tokens[..3].Distinct().Count(), index.Nodes);
        index.Append(keys);
        AssertFlat(index, [.. keys.AsSpan(0, 3 * HeadDim), .. keys], samples);
    }

    [Theory]
    [InlineData(3, 100, 32, 200, 32)]
    [InlineData(32, 1, 32, 200, 32)]
    [InlineData(32, 100, 0, 200, 32)]
    [InlineData(32, 100, 32, 0, 32)]
    [InlineData(32, 100, 32, 200, 0)]
    public void Create_OptionOutOfRange_IsRefused(int degree, int neighbours, int buildQueue, int queue, int entries)
        => Assert.Throws<ArgumentException>(() => KeyIndexes.Create("graph", 8, new()
        {
            GraphDegree = degree,
            GraphNeighbours = neighbours,
            GraphBuildQueue = buildQueue,
            GraphQueue = queue,
            GraphEntries = entries,
        }));

    // With fewer distinct keys than the walk is wide everything is reached, so the answer is exact.
    private static void AssertFlat(GraphIndex index, float[] keys, KeySamples samples)
    {
        using FlatIndex flat = new(HeadDim);
        flat.Append(keys);
        float[] asked = samples.ShiftedQueries(10);
        foreach (int count in (int[])[1, 90, 3000])
        {
            for (int query = 0; query < 10; query++)
            {
                int[] ids = new int[count], expected = new int[count];
                int found = index.Search(asked.AsSpan(query * HeadDim, HeadDim), count, ids, new float[count], new());
                Assert.Equal(Math.Min(count, keys.Length / HeadDim), found);
                flat.Search(asked.AsSpan(query * HeadDim, HeadDim), count, expected, new float[count], new());
                Assert.Equal(expected, ids);
            }
        }
    }

    private static double Recall(GraphIndex index, float[] keys, float[] asked)
    {
        int found = 0, queries = asked.Length / HeadDim;
        for (int query = 0; query < queries; query++)
        {
            ReadOnlySpan<float> q = asked.AsSpan(query * HeadDim, HeadDim);
            int[] ids = new int[20];
            int written = index.Search(q, 20, ids, new float[20], new());
            found += ids.AsSpan(0, written).ToArray().Intersect(KeySamples.Best(keys, q, 20)).Count();
        }
        return found / (20.0 * queries);
    }
}
