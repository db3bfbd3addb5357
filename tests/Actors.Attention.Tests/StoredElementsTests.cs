using System.Runtime.InteropServices;
using Actors.KvCache;

namespace Actors.Attention.Tests;

public sealed class StoredElementsTests
{
    [Theory]
    [InlineData(KvFormat.Float16)]
    [InlineData(KvFormat.BFloat16)]
    [InlineData(KvFormat.Float32)]
    public void ReadLane_EveryTokenOfAGroup_EqualsTheColumnOfTheWholeGroup(KvFormat format)
    {
        const int HeadDim = 10;
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, HeadDim * KvLayout.GroupTokens).Select(_ => (float)random.NextDouble() - 0.5f)], whole = new float[values.Length], key = new float[HeadDim];
        byte[] group = format switch
        {
            KvFormat.Float16 => MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan()).ToArray(),
            KvFormat.BFloat16 => MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan()).ToArray(),
            _ => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
        StoredElements.Read(format, group, whole);
        for (int lane = 0; lane < KvLayout.GroupTokens; lane++)
        {
            StoredElements.ReadLane(format, group, lane, key);
            Assert.Equal(Enumerable.Range(0, HeadDim).Select(channel => whole[(channel * KvLayout.GroupTokens) + lane]), key);
        }
    }
}
