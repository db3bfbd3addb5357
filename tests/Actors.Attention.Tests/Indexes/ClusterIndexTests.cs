namespace Actors.Attention.Tests.Indexes;

public sealed class ClusterIndexTests
{
    private const int HeadDim = 32;

    [Theory]
    [InlineData(0, 128)]
    [InlineData(127, 128)]
    [InlineData(128, 128)]
    [InlineData(1000, 128)]
    [InlineData(3000, 1024)]
    public void Append_Keys_PartitionsWholeSegmentsAndKeepsTheirMeans(int count, int segment)
    {
        float[] keys = new KeySamples(HeadDim, count).Keys(count);
        using ClusterIndex index = new(HeadDim, new() { SegmentTokens = segment });
        index.Append(keys);
        int clustered = count / segment * segment;
        Assert.Equal(clustered, index.Clusters.Clustered);
        Assert.InRange(index.Clusters.Count, clustered == 0 ? 0 : 1, clustered / 16);
        List<int> seen = [];
        for (int cluster = 0; cluster < index.Clusters.Count; cluster++)
        {
            int[] members = index.Clusters.Members(cluster).ToArray();
            Assert.Equal(index.Clusters.Size(cluster), members.Length);
            Assert.NotEmpty(members);
            Assert.Equal(members.Order(), members);
            Assert.Equal(members[0] / segment, members[^1] / segment);
            float[] centroid = new float[HeadDim];
            index.Clusters.CopyCentroid(cluster, centroid);
            for (int i = 0; i < HeadDim; i++)
                Assert.Equal(members.Average(id => (double)keys[(id * HeadDim) + i]), centroid[i], 1e-4);
            seen.AddRange(members);
        }
        Assert.Equal(Enumerable.Range(0, clustered), seen.Order());
    }

    [Fact]
    public void Score_AfterTruncation_AreProductsWithTheCentroids()
    {
        KeySamples samples = new(HeadDim, 2);
        using ClusterIndex index = new(HeadDim, new() { SegmentTokens = 256 });
        index.Append(samples.Keys(2000));
        index.Truncate(1100);
        index.Append(samples.Keys(800));
        float[] query = samples.ShiftedQueries(1), scores = new float[index.Clusters.Scores];
        index.Clusters.Score(query, scores);
        Assert.Equal(1792, index.Clusters.Clustered);
        for (int cluster = 0; cluster < index.Clusters.Count; cluster++)
        {
            float[] centroid = new float[HeadDim];
            index.Clusters.CopyCentroid(cluster, centroid);
            Assert.Equal(KeySamples.Score(centroid, query, 0), scores[cluster], 1e-4);
        }
    }

    [Fact]
    public void Score_WithSpread_IsTheCumulantOfTheMembersScores()
    {
        KeySamples samples = new(HeadDim, 4);
        float[] keys = samples.Keys(256), query = samples.ShiftedQueries(1);
        KeyClusters clusters = new(HeadDim, 128, 16, 9, spread: true);
        clusters.Append(keys.AsSpan(0, 128 * HeadDim));
        clusters.Append(keys.AsSpan(128 * HeadDim));
        float[] expanded = new float[clusters.QueryElements], scores = new float[clusters.Scores];
        clusters.Expand(query, expanded);
        clusters.Score(expanded, scores);
        for (int cluster = 0; cluster < clusters.Count; cluster++)
        {
            int[] members = clusters.Members(cluster).ToArray();
            double expected = 0;
            for (int i = 0; i < HeadDim; i++)
            {
                double mean = members.Average(id => (double)keys[(id * HeadDim) + i]), variance = members.Average(id => Math.Pow(keys[(id * HeadDim) + i] - mean, 2));
                expected += (query[i] * mean) + (query[i] * query[i] * variance / 2);
            }
            Assert.Equal(expected, scores[cluster], 1e-3);
        }
    }

    [Fact]
    public void Append_SeparateBunches_GivesEachItsOwnClusters()
    {
        Random random = new(3);
        float[] directions = [.. Enumerable.Range(0, 8 * HeadDim).Select(_ => random.NextSingle() - 0.5f)];
        float[] keys = [.. Enumerable.Range(0, 128).SelectMany(key => Enumerable.Range(0, HeadDim).Select(i => (20 * directions[(key / 16 * HeadDim) + i]) + (0.1f * random.NextSingle())))];
        using ClusterIndex index = new(HeadDim, new() { SegmentTokens = 128 });
        index.Append(keys);
        for (int cluster = 0; cluster < index.Clusters.Count; cluster++)
            Assert.Single(index.Clusters.Members(cluster).ToArray().Select(id => id / 16).Distinct());
    }

    [Theory]
    [InlineData(8, 16, 9, 0.1f)]
    [InlineData(1024, 1, 9, 0.1f)]
    [InlineData(1024, 16, 0, 0.1f)]
    [InlineData(1024, 16, 9, 0f)]
    [InlineData(1024, 16, 9, float.NaN)]
    public void Create_OptionOutOfRange_IsRefused(int segment, int cluster, int rounds, float opened)
        => Assert.Throws<ArgumentException>(() => KeyIndexes.Create("clusters", 8, new() { SegmentTokens = segment, ClusterTokens = cluster, ClusterRounds = rounds, OpenedShare = opened }));
}
