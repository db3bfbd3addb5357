namespace Actors.Kernels.Tests.Rope;

public sealed class RotaryEmbeddingTests
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(24, 77)]
    [InlineData(64, 131071)]
    public void Rotate_PairsHalves_EqualsTheFormula(int headDim, int position)
    {
        double[] frequencies = Frequencies(headDim);
        RotaryEmbedding rope = new(frequencies, 1.25f);
        float[] row = Attention.AttentionKernelTests.Uniform(headDim, position), turned = [.. row], cos = new float[headDim / 2], sin = new float[headDim / 2];
        rope.Fill(position, cos, sin);
        RotaryEmbedding.Rotate(turned, cos, sin);
        for (int i = 0; i < headDim / 2; i++)
        {
            (double s, double c) = Math.SinCos(position * frequencies[i]);
            Assert.Equal(1.25 * ((row[i] * c) - (row[i + (headDim / 2)] * s)), turned[i], 1e-6);
            Assert.Equal(1.25 * ((row[i + (headDim / 2)] * c) + (row[i] * s)), turned[i + (headDim / 2)], 1e-6);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(62_501)]
    public void FillGroup_AnyPlace_GivesTheAnglesOfItsPositions(int place)
    {
        RotaryEmbedding rope = new(Frequencies(24), 1.1f);
        float[] cos = new float[12 * 16], sin = new float[12 * 16], c = new float[12], s = new float[12];
        rope.Tables.FillGroup(place, cos, sin);
        for (int lane = 0; lane < 16; lane++)
        {
            rope.Fill((place * 16) + lane, c, s);
            for (int i = 0; i < 12; i++)
            {
                Assert.Equal(c[i], cos[(i * 16) + lane], 1e-6f);
                Assert.Equal(s[i], sin[(i * 16) + lane], 1e-6f);
            }
        }
        Assert.Throws<ArgumentException>(() => rope.Tables.FillGroup(0, cos.AsSpan(1), sin));
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(700, 12)]
    [InlineData(200_003, 199_990)]
    [InlineData(1_000_000, 3)]
    public void Tables_QueryAndKeyBySegments_GiveTheScoreOfTruePositions(int queryPosition, int keyPosition)
    {
        const int HeadDim = 32;
        RotaryEmbedding rope = new(Frequencies(HeadDim), 1.1f);
        RotaryTables tables = rope.Tables;
        float[] query = Attention.AttentionKernelTests.Uniform(HeadDim, 1), key = Attention.AttentionKernelTests.Uniform(HeadDim, 2);
        float[] turned = new float[HeadDim];
        tables.RotateInSegment(query, queryPosition, turned);
        tables.RotateSegments(turned, (queryPosition / RotaryTables.SegmentTokens) - (keyPosition / RotaryTables.SegmentTokens), turned);
        int offset = keyPosition % RotaryTables.SegmentTokens, lane = offset % 16;
        double score = 0, expected = 0;
        for (int i = 0; i < HeadDim / 2; i++)
        {
            float c = tables.KeyCos(offset / 16)[(i * 16) + lane], s = tables.KeySin(offset / 16)[(i * 16) + lane];
            score += (turned[i] * ((key[i] * c) - (key[i + 16] * s))) + (turned[i + 16] * ((key[i + 16] * c) + (key[i] * s)));
            (double sine, double cosine) = Math.SinCos((queryPosition - keyPosition) * Frequencies(HeadDim)[i]);
            expected += 1.1f * 1.1f * ((((query[i] * cosine) - (query[i + 16] * sine)) * key[i]) + (((query[i + 16] * cosine) + (query[i] * sine)) * key[i + 16]));
        }
        Assert.Equal(expected, score, 1e-5);
    }

    [Fact]
    public void Fill_AtPositionZero_CarriesTheAttentionScale()
    {
        RotaryEmbedding rope = new([1.0, 0.1], 1.5f);
        float[] cos = new float[2], sin = new float[2];
        rope.Fill(0, cos, sin);
        Assert.Equal([1.5f, 1.5f], cos);
        Assert.Equal([0f, 0f], sin);
    }

    [Fact]
    public void Constructor_BadInput_Throws()
    {
        Assert.Throws<ArgumentException>(() => new RotaryEmbedding([]));
        Assert.Throws<ArgumentException>(() => new RotaryEmbedding([double.NaN]));
        Assert.Throws<ArgumentException>(() => new RotaryEmbedding([1.0], 0));
        Assert.Throws<ArgumentException>(() => RotaryEmbedding.Rotate(new float[4], new float[1], new float[2]));
    }

    private static double[] Frequencies(int headDim) => [.. Enumerable.Range(0, headDim / 2).Select(i => Math.Pow(10000, -2.0 * i / headDim))];
}
