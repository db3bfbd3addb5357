using Actors.Kernels;

namespace Actors.Attention.Tests;

public sealed class KeyIndexTests
{
    private const int HeadDim = 8;

    [Theory]
    [InlineData(KvElement.Float16)]
    [InlineData(KvElement.BFloat16)]
    [InlineData(KvElement.Float32)]
    public void Append_Truncate_KeepEveryCompleteParentTheUnionOfItsChildren(KvElement element)
    {
        Random random = new(1);
        List<float[]> groups = [];
        KeyIndex index = new(element, HeadDim);
        foreach (int target in (int[])[5, 16, 300, 4096, 4500, 4097, 250, 17, 600])
        {
            index.Truncate(target);
            groups.RemoveRange(Math.Min(target, groups.Count), Math.Max(groups.Count - target, 0));
            while (groups.Count < target)
            {
                float[] low = [.. Enumerable.Range(0, HeadDim).Select(_ => (float)(Half)((random.NextSingle() - 0.5f) * 8))];
                groups.Add([.. low, .. low.Select(value => (float)(Half)(value + 2))]);
                index.Append(Stored(element, groups[^1]));
                if (element == KvElement.BFloat16)
                    groups[^1] = [.. groups[^1].Select(value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000))];
            }
            Assert.Equal(target, index.Groups);
            for (int level = 0; level < KeyIndex.Levels; level++)
            {
                Assert.Equal(target >> (4 * level), index.Nodes(level));
                for (int node = 0; node < index.Nodes(level); node++)
                {
                    for (int i = 0; i < HeadDim; i += 3)
                    {
                        var children = groups.Skip(node << (4 * level)).Take(1 << (4 * level));
                        Assert.Equal(children.Min(group => group[i]), Read(element, index.Block(level, node / 16), (2 * i * 16) + (node % 16)));
                        Assert.Equal(children.Max(group => group[HeadDim + i]), Read(element, index.Block(level, node / 16), (((2 * i) + 1) * 16) + (node % 16)));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(40, 8, 1000)]
    [InlineData(300, 16, 1000)]
    [InlineData(5000, 64, 10000)]
    public void Search_WithoutVisitLimit_FindsTheHighestBounds(int groups, int beam, int opened)
    {
        Random random = new(2);
        KeyIndex index = new(KvElement.Float32, HeadDim);
        List<float[]> all = [];
        for (int i = 0; i < groups; i++)
        {
            all.Add([.. Enumerable.Range(0, 2 * HeadDim).Select(k => random.NextSingle() + (k < HeadDim ? -1 : 0))]);
            index.Append(Stored(KvElement.Float32, all[i]));
        }
        float[] query = [.. Enumerable.Range(0, HeadDim).Select(_ => random.NextSingle() - 0.5f)], split = new float[2 * HeadDim];
        BoundsKernel.Split(query, split);
        GroupSearch search = new();
        foreach ((int first, int end) in ((int, int)[])[(0, groups), (1, groups - 3), (3, groups / 2)])
        {
            search.Run(index, KvElement.Float32, HeadDim, split, [0f], first, end, beam, opened);
            int[] expected = [.. Enumerable.Range(first, end - first).OrderByDescending(g => Enumerable.Range(0, HeadDim)
                .Sum(i => Math.Max(query[i] * (double)all[g][i], query[i] * (double)all[g][HeadDim + i]))).Take(beam).Order()];
            Assert.Equal(expected, search.Groups.ToArray());
        }
    }

    [Fact]
    public void Search_WithVisitLimit_OpensNoMoreThanThat()
    {
        KeyIndex index = new(KvElement.Float32, HeadDim);
        for (int i = 0; i < 5000; i++)
            index.Append(Stored(KvElement.Float32, [.. Enumerable.Repeat((float)i, 2 * HeadDim)]));
        float[] split = new float[2 * HeadDim];
        BoundsKernel.Split([1, 1, 1, 1, 1, 1, 1, 1], split);
        GroupSearch search = new();
        search.Run(index, KvElement.Float32, HeadDim, split, [0f], 1, 5000, 4, 2);
        Assert.Equal([4996, 4997, 4998, 4999], search.Groups.ToArray());
        Assert.InRange(search.Scored, 1, 16 * (2 + (2 * 3)));
    }

    private static byte[] Stored(KvElement element, float[] values) => element switch
    {
        KvElement.Float16 => [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))],
        KvElement.BFloat16 => [.. values.SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))],
        _ => [.. values.SelectMany(BitConverter.GetBytes)],
    };

    private static float Read(KvElement element, ReadOnlySpan<byte> block, int at) => element switch
    {
        KvElement.Float16 => (float)BitConverter.ToHalf(block[(at * 2)..]),
        KvElement.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(block[(at * 2)..]) << 16),
        _ => BitConverter.ToSingle(block[(at * 4)..]),
    };
}
