namespace Actors.Attention.Tests.Indexes;

public sealed class KeyIndexesTests
{
    [Fact]
    public void Create_UnknownKind_NamesTheKnownOnes()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => KeyIndexes.Create("tree", 32, KeyIndexOptions.Default));
        Assert.Contains("'tree'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("flat", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Create_HeadDimOutOfRange_IsRefused(int headDim)
        => Assert.Throws<ArgumentOutOfRangeException>(() => KeyIndexes.Create("flat", headDim, KeyIndexOptions.Default));

    [Theory]
    [InlineData(1, 7)]
    [InlineData(16, 300)]
    [InlineData(32, 2500)]
    [InlineData(100, 1024)]
    public void Search_Flat_EqualsSortingAllKeys(int headDim, int keys)
    {
        Random random = new(headDim);
        float[] rows = [.. Enumerable.Range(0, keys * headDim).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 4))]; // many ties
        float[] query = [.. Enumerable.Range(0, headDim).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 4))];
        using IKeyIndex index = KeyIndexes.Create("flat", headDim, KeyIndexOptions.Default);
        index.Append(rows.AsSpan(0, 3 * headDim));
        index.Append(rows.AsSpan(3 * headDim));
        double[] all = [.. Enumerable.Range(0, keys).Select(id => Enumerable.Range(0, headDim).Sum(i => (double)rows[(id * headDim) + i] * query[i]))];
        foreach (int count in (int[])[0, 1, 5, keys, keys + 9])
        {
            int[] ids = new int[keys];
            float[] scores = new float[keys];
            IndexScratch scratch = new();
            int found = index.Search(query, count, ids, scores, scratch);
            Assert.Equal([.. Enumerable.Range(0, keys).OrderByDescending(id => all[id]).ThenBy(id => id).Take(count)], ids[..found]);
            Assert.Equal(ids[..found].Select(id => (float)all[id]), scores[..found]);
            Assert.Equal(count == 0 ? 0 : keys, scratch.Scored);
        }
    }

    [Fact]
    public void Append_NotFiniteOrNotWhole_AddsNothing()
    {
        using IKeyIndex index = KeyIndexes.Create("flat", 4, KeyIndexOptions.Default);
        Assert.Throws<ArgumentException>(() => index.Append([1, 2, 3, 4, 5, 6, float.NaN, 8]));
        Assert.Throws<ArgumentException>(() => index.Append([1, 2, 3]));
        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.Search([1, 2, 3, 4], 5, [], [], new()));
    }
}
