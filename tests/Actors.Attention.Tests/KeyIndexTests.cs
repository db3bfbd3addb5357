using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention.Tests;

public sealed class KeyIndexTests
{
    private const int HeadDim = 8;

    [Theory]
    [InlineData(KvFormat.Float16)]
    [InlineData(KvFormat.BFloat16)]
    [InlineData(KvFormat.Float32)]
    public void Append_GrowingKeys_KeepsTightBoundsOfAllGroupsAndParents(KvFormat format)
    {
        Random random = new(1);
        KeyIndex index = new(format, HeadDim);
        List<float[]> groups = [];
        foreach (int target in (int[])[5, 16, 300, 4096, 4500])
        {
            while (groups.Count < target)
                groups.Add(Append(index, format, random, range: 1 + (groups.Count / 700)));
            Assert.Equal(target, index.Groups);
            for (int level = 0; level < KeyIndex.Levels; level++)
            {
                Assert.Equal(target >> (4 * level), index.Nodes(level));
                for (int node = 0; node < index.Nodes(level); node++)
                {
                    ReadOnlySpan<sbyte> block = index.Block(level, node / 16);
                    var children = groups.Skip(node << (4 * level)).Take(1 << (4 * level));
                    for (int i = 0; i < HeadDim; i += 3)
                    {
                        float step = index.Steps[i], low = -block[BoundsKernel.Offset(node % 16, i, 1)] * step, high = block[BoundsKernel.Offset(node % 16, i, 0)] * step;
                        Assert.InRange(children.Min(group => group[i]), low, low + step);
                        Assert.InRange(children.Max(group => group[HeadDim + i]), high - step, high);
                        Assert.InRange(step * 127, groups.Max(group => MathF.Max(-group[i], group[HeadDim + i])), float.MaxValue);
                    }
                }
            }
        }
    }

    [Fact]
    public void Truncate_ThenFilledAgain_EqualsAnIndexThatNeverSawMore()
    {
        KeyIndex once = new(KvFormat.Float32, HeadDim), again = new(KvFormat.Float32, HeadDim);
        for (int i = 0; i < 200; i++)
            Append(again, KvFormat.Float32, new Random(i), range: 50);
        again.Truncate(300);
        Assert.Equal(200, again.Groups);
        again.Truncate(100);
        Assert.Equal(0, again.Groups);
        for (int i = 0; i < 40; i++)
        {
            Append(once, KvFormat.Float32, new Random(i), range: 2);
            Append(again, KvFormat.Float32, new Random(i), range: 2);
        }
        Assert.Equal(once.Steps, again.Steps);
        for (int block = 0; block < 3; block++)
            Assert.Equal(once.Block(0, block), again.Block(0, block));
        Assert.Equal(once.Block(1, 0), again.Block(1, 0));
    }

    [Theory]
    [InlineData(40, 8, 1000)]
    [InlineData(300, 16, 1000)]
    [InlineData(5000, 64, 10000)]
    public void Search_WithoutVisitLimit_FindsTheHighestBounds(int groups, int beam, int opened)
    {
        Random random = new(2);
        KeyIndex index = new(KvFormat.Float32, HeadDim);
        for (int i = 0; i < groups; i++)
            Append(index, KvFormat.Float32, random, range: 1);
        float[] query = [.. Enumerable.Range(0, HeadDim).Select(_ => random.NextSingle() - 0.5f)], bounds = new float[16];
        byte[] rounded = new byte[2 * HeadDim];
        float[] units = [BoundsKernel.Round(query, index.Steps, rounded)];
        GroupSearch search = new();
        foreach ((int first, int end) in ((int, int)[])[(0, groups), (1, groups - 3), (3, groups / 2)])
        {
            search.Run(index, HeadDim, rounded, units, [0f], first, end, beam, opened);
            List<float> all = [];
            for (int block = 0; block <= groups / 16; block++)
            {
                if (block * 16 < groups)
                    BoundsKernel.Score(index.Block(0, block), rounded, units, [0f], HeadDim, bounds);
                all.AddRange(bounds);
            }
            Assert.Equal([.. Enumerable.Range(first, end - first).OrderByDescending(group => all[group]).ThenBy(group => group).Take(beam).Order()], search.Groups.ToArray());
        }
    }

    [Fact]
    public void Search_WithVisitLimit_OpensNoMoreThanThat()
    {
        KeyIndex index = new(KvFormat.Float32, HeadDim);
        for (int i = 0; i < 5120; i++)
            index.Append(Stored(KvFormat.Float32, [.. Enumerable.Repeat(i / 16f, 2 * HeadDim)]));
        byte[] rounded = new byte[2 * HeadDim];
        float[] units = [BoundsKernel.Round([1, 1, 1, 1, 1, 1, 1, 1], index.Steps, rounded)];
        GroupSearch search = new();
        search.Run(index, HeadDim, rounded, units, [0f], 1, 5120, 4, 2);
        Assert.All(search.Groups.ToArray(), group => Assert.InRange(group, 5120 - 64, 5119));
        Assert.InRange(search.Scored, 1, 16 * (2 + (2 * 3)));
    }

    private static float[] Append(KeyIndex index, KvFormat format, Random random, float range)
    {
        float[] low = [.. Enumerable.Range(0, HeadDim).Select(_ => Rounded(format, (random.NextSingle() - 0.5f) * 2 * range))];
        float[] bounds = [.. low, .. low.Select(value => Rounded(format, value + (random.NextSingle() * range)))];
        index.Append(Stored(format, bounds));
        return bounds;
    }

    private static float Rounded(KvFormat format, float value) => format switch
    {
        KvFormat.Float16 => (float)(Half)value,
        KvFormat.BFloat16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000),
        _ => value,
    };

    private static byte[] Stored(KvFormat format, float[] values) => format switch
    {
        KvFormat.Float16 => [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))],
        KvFormat.BFloat16 => [.. values.SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))],
        _ => [.. values.SelectMany(BitConverter.GetBytes)],
    };
}
