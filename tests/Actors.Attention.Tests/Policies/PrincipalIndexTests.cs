namespace Actors.Attention.Tests.Policies;

public sealed class PrincipalIndexTests
{
    private const int HeadDim = 24;

    [Fact]
    public void Search_KeysOfLowRank_FindsTheExactBest()
    {
        float[] keys = LowRank(900, rank: 5, seed: 1), queries = LowRank(20, rank: HeadDim, seed: 2);
        using PrincipalIndex index = new(HeadDim, 5, 100);
        using FlatIndex exact = new(HeadDim);
        for (int first = 0; first < 900; first += 60)
            index.Append(keys.AsSpan(first * HeadDim, 60 * HeadDim));
        exact.Append(keys);
        IndexScratch scratch = new();
        int[] ids = new int[30], best = new int[30];
        float[] scores = new float[30], bestScores = new float[30];
        for (int i = 0; i < 20; i++)
        {
            ReadOnlySpan<float> query = queries.AsSpan(i * HeadDim, HeadDim);
            Assert.Equal(30, index.Search(query, 30, ids, scores, scratch));
            exact.Search(query, 30, best, bestScores, scratch);
            Assert.Equal(best.Order(), ids);
            Assert.Equal(bestScores.Order(), scores.Order(), (a, b) => MathF.Abs(a - b) < 1e-4f);
        }
    }

    [Theory]
    [InlineData(450)]
    [InlineData(99)]
    public void Truncate_ThenOtherKeys_LeavesNoTrace(int kept)
    {
        float[] keys = LowRank(500, HeadDim, seed: 3), others = LowRank(500, HeadDim, seed: 4), query = LowRank(1, HeadDim, seed: 5);
        using PrincipalIndex cut = new(HeadDim, 6, 100), fresh = new(HeadDim, 6, 100);
        cut.Append(keys);
        cut.Truncate(kept);
        cut.Append(others);
        fresh.Append([.. keys[..(kept * HeadDim)], .. others]);
        Assert.Equal(Search(fresh, query), Search(cut, query));
        Assert.Equal(fresh.Count, cut.Count);
    }

    private static (int, float)[] Search(PrincipalIndex index, float[] query)
    {
        int[] ids = new int[50];
        float[] scores = new float[50];
        index.Search(query, 50, ids, scores, new());
        return [.. ids.Zip(scores)];
    }

    private static float[] LowRank(int rows, int rank, int seed)
    {
        Random random = new(seed), basis = new(77);
        float[] directions = [.. Enumerable.Range(0, rank * HeadDim).Select(_ => (float)basis.NextDouble() - 0.5f)];
        float[] result = new float[rows * HeadDim];
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < rank; i++)
            {
                float weight = (float)random.NextDouble() - 0.5f;
                for (int j = 0; j < HeadDim; j++)
                    result[(row * HeadDim) + j] += weight * directions[(i * HeadDim) + j];
            }
        }
        return result;
    }
}
