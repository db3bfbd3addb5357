namespace Actors.Attention.Tests.Indexes;

/// <summary>What is particular to FAISS; what all indexes promise it is asked in the battery.</summary>
public sealed class FaissIndexTests
{
    private const int HeadDim = 32;

    private static readonly string[] FaissKinds = ["faiss-hnsw", "faiss-ivf", "faiss-pq"];

    private static readonly KeyIndexOptions Small = new() { FaissTrainKeys = 512, FaissLists = 16, FaissProbes = 4, FaissBlockKeys = 64 };

    [Fact]
    public void Available_WithOrWithoutFaiss_SaysWhatCanBeMade()
    {
        Assert.Equal(KeyIndexes.FaissAbsence is null ? KeyIndexes.Names : KeyIndexes.Names.Except(FaissKinds), KeyIndexes.Available);
        foreach (string kind in KeyIndexes.Available)
            KeyIndexes.Create(kind, HeadDim, KeyIndexOptions.Default).Dispose();
        foreach (string kind in KeyIndexes.Names.Except(KeyIndexes.Available))
            Assert.Contains("apt-get install", Assert.Throws<ArgumentException>(() => KeyIndexes.Create(kind, HeadDim, KeyIndexOptions.Default)).Message, StringComparison.Ordinal);
    }

    [FaissFact]
    public void Search_EnoughKeys_ComparesAPartOfThem()
    {
        KeySamples samples = new(HeadDim, 1);
        float[] keys = samples.Keys(5000), asked = samples.NearQueries(20);
        foreach (string kind in FaissKinds)
        {
            using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Small with { FaissSearchWidth = 30 });
            index.Append(keys);
            Assert.InRange(index.Bytes, keys.Length * sizeof(float), 7L * keys.Length * sizeof(float));
            IndexScratch scratch = new();
            for (int query = 0; query < 20; query++)
            {
                index.Search(asked.AsSpan(query * HeadDim, HeadDim), 10, new int[10], new float[10], scratch);
                Assert.InRange(scratch.Scored, 30, 3500);
            }
        }
    }

    [FaissFact]
    public void Breadth_Wider_ComparesMore()
    {
        KeySamples samples = new(HeadDim, 4);
        float[] keys = samples.Keys(3000), asked = samples.NearQueries(1);
        foreach (string kind in FaissKinds)
        {
            using FaissIndex index = new(kind, HeadDim, Small);
            index.Append(keys);
            IndexScratch scratch = new();
            List<long> compared = [];
            foreach (int breadth in (int[])[1, 8, 100])
            {
                index.Breadth = breadth;
                index.Search(asked, 1, new int[1], new float[1], scratch);
                compared.Add(scratch.Scored);
            }
            Assert.True(compared[0] < compared[1] && compared[1] < compared[2], $"{kind}: {string.Join(", ", compared)}");
        }
    }

    [FaissFact]
    public void Search_EveryListOpened_IsExact()
    {
        KeySamples samples = new(HeadDim, 2);
        float[] keys = samples.Keys(2000), asked = samples.ShiftedQueries(20);
        using IKeyIndex index = KeyIndexes.Create("faiss-ivf", HeadDim, Small with { FaissProbes = 16 });
        index.Append(keys);
        IndexScratch scratch = new();
        for (int query = 0; query < 20; query++)
        {
            ReadOnlySpan<float> q = asked.AsSpan(query * HeadDim, HeadDim);
            int[] ids = new int[30];
            index.Search(q, 30, ids, new float[30], scratch);
            Assert.Equal(KeySamples.Best(keys, q, 30), ids);
            Assert.Equal(2000 + 16, scratch.Scored); // all keys, added or waiting, and the lists' centroids
        }
    }

    [FaissFact]
    public void Search_ManyThreads_GivesWhatOneGives()
    {
        KeySamples samples = new(HeadDim, 3);
        float[] keys = samples.Keys(3000), asked = samples.NearQueries(64);
        foreach (string kind in FaissKinds)
        {
            using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Small);
            index.Append(keys);
            int[][] expected = [.. Enumerable.Range(0, 64).Select(Ask)];
            int[][] actual = new int[64][];
            Parallel.For(0, 64, query => actual[query] = Ask(query));
            Assert.Equal(expected, actual);

            int[] Ask(int query)
            {
                int[] ids = new int[10];
                index.Search(asked.AsSpan(query * HeadDim, HeadDim), 10, ids, new float[10], new());
                return ids;
            }
        }
    }

    [FaissFact]
    public void Create_WithWhatFaissRefuses_SaysWhy()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => KeyIndexes.Create("faiss-pq", HeadDim, Small with { FaissPqParts = 5 }));
        Assert.Contains("divide", thrown.Message, StringComparison.Ordinal);
        byte[] error = new byte[512];
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(
            () => FaissLibrary.Check(FaissLibrary.Create(HeadDim, "NoSuchIndex", 40, out _, error, error.Length), error));
        Assert.Contains("NoSuchIndex", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 512, 16)]
    [InlineData(32, 255, 16)]
    [InlineData(32, 512, 513)]
    public void Create_OptionOutOfRange_IsRefused(int links, int trainKeys, int lists)
        => Assert.Contains("out of range", Assert.Throws<ArgumentException>(
            () => KeyIndexes.Create("flat", HeadDim, new() { FaissLinks = links, FaissTrainKeys = trainKeys, FaissLists = lists })).Message, StringComparison.Ordinal);
}
