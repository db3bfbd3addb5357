using System.Text;

namespace Actors.Storage.Tests;

public class Crc32CTests
{
    [Fact]
    public void Compute_KnownVectors_Match()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    [Fact]
    public void Append_EverySplit_EqualsTheBitwiseDefinition()
    {
        var bytes = new byte[257];
        new Random(3).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            uint whole = Bitwise(bytes.AsSpan(0, length));
            Assert.Equal(whole, Crc32C.Compute(bytes.AsSpan(0, length)));
            int split = length / 3;
            Assert.Equal(whole, Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, split)), bytes.AsSpan(split, length - split)));
        }
    }

    private static uint Bitwise(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }

        return ~crc;
    }
}
