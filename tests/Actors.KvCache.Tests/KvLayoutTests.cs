namespace Actors.KvCache.Tests;

public class KvLayoutTests
{
    [Theory]
    [InlineData(KvFormat.Float16, 2)]
    [InlineData(KvFormat.BFloat16, 2)]
    [InlineData(KvFormat.Float32, 4)]
    public void Offsets_AllBlocks_TileThePageInOrder(KvFormat format, int elementBytes)
    {
        var layout = new KvLayout(3, 2, 6, format);
        int offset = 0;
        for (int layer = 0; layer < 3; layer++)
        {
            for (int head = 0; head < 2; head++)
            {
                for (int group = 0; group < 4; group++, offset += 2 * 6 * elementBytes)
                    Assert.Equal(offset, layout.BoundsOffset(layer, head, group));
                for (int group = 0; group < 4; group++, offset += 16 * 6 * elementBytes)
                    Assert.Equal(offset, layout.KeysOffset(layer, head, group));
                Assert.Equal(offset, layout.ValuesOffset(layer, head));
                offset += 64 * 6 * elementBytes;
            }
        }

        Assert.Equal(offset, layout.PageBytes);
    }

    [Fact]
    public void FormatNumbers_StandInFiles_AreFrozen()
    {
        // They are written to page files. A change needs a new format version, not a new expectation.
        Assert.Equal(0, (int)KvFormat.Float16);
        Assert.Equal(1, (int)KvFormat.BFloat16);
        Assert.Equal(2, (int)KvFormat.Float32);
        Assert.Equal(3, Enum.GetValues<KvFormat>().Length);
    }

    [Theory]
    [InlineData(0, 1, 8)]
    [InlineData(1, 0, 8)]
    [InlineData(1, 1, 7)]
    [InlineData(1, 1, 0)]
    [InlineData(1024, 1024, 4096)]
    public void Constructor_ImpossibleShape_Throws(int layers, int heads, int headDim)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new KvLayout(layers, heads, headDim));
}
