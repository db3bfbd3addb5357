using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("256MiB", 256L << 20)]
    [InlineData("256 mib", 256L << 20)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("64MB", 64_000_000)]
    [InlineData("2g", 2L << 30)]
    [InlineData("10B", 10)]
    public void TryParse_KnownUnit_ReturnsBytes(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1MiB")]
    [InlineData("1e3")]
    [InlineData("12 pages")]
    [InlineData("99999999999999 TiB")]
    public void TryParse_NotASize_ReturnsFalse(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(256L << 20, "256 MiB")]
    [InlineData(3L << 29, "1.5 GiB")]
    public void Format_Bytes_UsesLargestUnit(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}
