namespace Actors.Attention.Tests.Indexes;

/// <summary>What every kind of index promises.</summary>
public sealed class KeyIndexBatteryTests
{
    private const int HeadDim = 24;

    private static readonly KeyIndexOptions Options = new() { SegmentTokens = 128, ClusterTokens = 8, FaissTrainKeys = 512, FaissLists = 16, FaissProbes = 8, FaissBlockKeys = 64 };

    public static TheoryData<string> Kinds => [.. KeyIndexes.Available];

    [Theory, MemberData(nameof(Kinds))]
    public void Search_AnyCount_GivesDistinctKeysWithTheirProductsBestFirst(string kind)
    {
        KeySamples samples = new(HeadDim, 1);
        float[] keys = samples.Keys(900), queries = samples.ShiftedQueries(20);
        using IKeyIndex index = Build(kind, keys, queries);
        IndexScratch scratch = new();
        foreach (int count in (int[])[1, 7, 100, 900, 2000])
        {
            for (int query = 0; query < 20; query++)
            {
                ReadOnlySpan<float> q = queries.AsSpan(query * HeadDim, HeadDim);
                (int[] ids, float[] scores) = Search(index, q, count, scratch);
                Assert.InRange(ids.Length, 1, Math.Min(count, 900));
                Assert.Equal(ids.Length, ids.Distinct().Count());
                for (int i = 0; i < ids.Length; i++)
                {
                    Assert.InRange(ids[i], 0, 899);
                    Assert.Equal(KeySamples.Score(keys, q, ids[i]), scores[i], 1e-4);
                    Assert.True(i == 0 || scores[i - 1] > scores[i] || (scores[i - 1] == scores[i] && ids[i - 1] < ids[i]), $"{kind}: result {i} is out of order.");
                }
                Assert.InRange(scratch.Scored, ids.Length, 3 * 900);
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Search_ManyBatches_FindsMostOfTheBest(string kind)
    {
        foreach (bool shifted in (bool[])[false, true])
        {
            KeySamples samples = new(HeadDim, shifted ? 2 : 3);
            float[] keys = samples.Keys(3000), learned = shifted ? samples.ShiftedQueries(300) : samples.NearQueries(300), asked = shifted ? samples.ShiftedQueries(50) : samples.NearQueries(50);
            using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Options with { OpenedShare = 0.1f, BoundsGroups = 150 });
            index.Append(keys.AsSpan(0, 2000 * HeadDim));
            index.Learn(learned);
            index.Append(keys.AsSpan(2000 * HeadDim));
            int found = 0;
            for (int query = 0; query < 50; query++)
            {
                ReadOnlySpan<float> q = asked.AsSpan(query * HeadDim, HeadDim);
                found += Search(index, q, 20, new()).Ids.Intersect(KeySamples.Best(keys, q, 20)).Count();
            }
            Assert.InRange(found / 1000.0, LeastRecall(kind), 1);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Append_InPieces_EqualsAppendAtOnce(string kind)
    {
        KeySamples samples = new(HeadDim, 4);
        float[] keys = samples.Keys(1000), queries = samples.ShiftedQueries(30);
        using IKeyIndex whole = KeyIndexes.Create(kind, HeadDim, Options), pieces = KeyIndexes.Create(kind, HeadDim, Options);
        whole.Append(keys);
        Random random = new(5);
        for (int at = 0, next; at < 1000; at = next)
        {
            next = Math.Min(at + random.Next(90), 1000);
            pieces.Append(keys.AsSpan((at * HeadDim)..(next * HeadDim)));
        }
        AssertEqual(whole, pieces, queries);
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("clusters")]
    [InlineData("bounds")]
    [InlineData("dci")]
    public void Truncate_ThenAppendAgain_EqualsNeverSeen(string kind)
    {
        KeySamples samples = new(HeadDim, 6);
        float[] keys = samples.Keys(1000), others = samples.Keys(700), queries = samples.ShiftedQueries(30);
        foreach (int kept in (int[])[0, 1, 128, 300, 999, 1000])
        {
            using IKeyIndex cut = KeyIndexes.Create(kind, HeadDim, Options), never = KeyIndexes.Create(kind, HeadDim, Options);
            cut.Append(keys);
            cut.Append(others);
            cut.Truncate(kept);
            Assert.Equal(kept, cut.Count);
            never.Append(keys.AsSpan(0, kept * HeadDim));
            AssertEqual(never, cut, queries);
            cut.Append(others);
            never.Append(others);
            AssertEqual(never, cut, queries);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Truncate_AnyKind_FindsNothingForgottenAndMostOfTheRest(string kind)
    {
        KeySamples samples = new(HeadDim, 9);
        float[] keys = samples.Keys(1500), others = samples.Keys(500), learned = samples.ShiftedQueries(100), asked = samples.ShiftedQueries(40);
        using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Options with { OpenedShare = 0.2f });
        index.Append(keys);
        index.Learn(learned);
        int found = 0;
        foreach (int kept in (int[])[1100, 1099, 300])
        {
            index.Truncate(kept);
            index.Append(others);
            index.Truncate(kept + 100);
            float[] left = [.. keys.AsSpan(0, kept * HeadDim), .. others.AsSpan(0, 100 * HeadDim)];
            for (int query = 0; query < 40; query++)
            {
                ReadOnlySpan<float> q = asked.AsSpan(query * HeadDim, HeadDim);
                int[] ids = Search(index, q, 20, new()).Ids;
                Assert.All(ids, id => Assert.InRange(id, 0, kept + 99));
                found += ids.Intersect(KeySamples.Best(left, q, 20)).Count();
            }
        }
        Assert.InRange(found / 2400.0, LeastRecall(kind), 1);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Search_EmptyOrNothingWanted_FindsNothing(string kind)
    {
        using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Options);
        Assert.Equal(kind, index.Kind);
        Assert.Equal(0, index.Search(new float[HeadDim], 5, [], [], new()));
        index.Learn(new KeySamples(HeadDim, 1).NearQueries(3));
        Assert.Equal(0, index.Search(new float[HeadDim], 5, [], [], new()));
        index.Append(new float[HeadDim]);
        Assert.Equal(0, index.Search(new float[HeadDim], 0, [], [], new()));
        Assert.Equal(1, index.Search(new float[HeadDim], 3, new int[1], new float[1], new()));
        index.Truncate(0);
        Assert.Equal(0, index.Count);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void AnyCall_WithBadInput_IsRefusedAndChangesNothing(string kind)
    {
        float[] keys = new KeySamples(HeadDim, 7).Keys(200);
        using IKeyIndex index = Build(kind, keys, []);
        (int[] ids, _) = Search(index, keys.AsSpan(0, HeadDim), 10, new());
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            float[] rows = [.. keys.AsSpan(0, 5 * HeadDim)];
            rows[^3] = bad;
            Assert.Throws<ArgumentException>(() => index.Append(rows));
            Assert.Throws<ArgumentException>(() => index.Learn(rows));
            Assert.Throws<ArgumentException>(() => index.Search(rows.AsSpan(4 * HeadDim), 1, new int[1], new float[1], new()));
        }
        Assert.Throws<ArgumentException>(() => index.Append(new float[HeadDim + 1]));
        Assert.Throws<ArgumentException>(() => index.Search(new float[HeadDim - 1], 1, new int[1], new float[1], new()));
        Assert.Throws<ArgumentException>(() => index.Search(new float[HeadDim], 3, new int[2], new float[3], new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search(new float[HeadDim], -1, [], [], new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Truncate(-1));
        Assert.Equal(200, index.Count);
        Assert.Equal(ids, Search(index, keys.AsSpan(0, HeadDim), 10, new()).Ids);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Search_EqualKeys_AllOfThemCanBeFound(string kind)
    {
        using IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Options);
        float[] key = new KeySamples(HeadDim, 8).Keys(1);
        for (int i = 0; i < 300; i++)
            index.Append(key);
        Assert.Equal(Enumerable.Range(0, 300), Search(index, key, 300, new()).Ids);
    }

    // Those of FAISS are built on keys alone, and queries are distributed differently.
    private static double LeastRecall(string kind) => kind == "flat" ? 1 : kind.StartsWith("faiss-", StringComparison.Ordinal) ? 0.7 : 0.9;

    private static IKeyIndex Build(string kind, float[] keys, float[] queries)
    {
        IKeyIndex index = KeyIndexes.Create(kind, HeadDim, Options);
        index.Append(keys);
        index.Learn(queries);
        return index;
    }

    private static (int[] Ids, float[] Scores) Search(IKeyIndex index, ReadOnlySpan<float> query, int count, IndexScratch scratch)
    {
        int[] ids = new int[count];
        float[] scores = new float[count];
        int found = index.Search(query, count, ids, scores, scratch);
        return (ids[..found], scores[..found]);
    }

    private static void AssertEqual(IKeyIndex expected, IKeyIndex actual, float[] queries)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int query = 0; query < queries.Length / HeadDim; query++)
        {
            (int[] ids, float[] scores) = Search(expected, queries.AsSpan(query * HeadDim, HeadDim), 25, new());
            (int[] others, float[] otherScores) = Search(actual, queries.AsSpan(query * HeadDim, HeadDim), 25, new());
            Assert.Equal(ids, others);
            Assert.Equal(scores, otherScores);
        }
    }
}
