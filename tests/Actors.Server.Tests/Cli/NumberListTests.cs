using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class NumberListTests
{
    [Theory]
    [InlineData("17", 17)]
    [InlineData("4k", 4000)]
    [InlineData("128Ki", 131_072)]
    [InlineData("1m", 1_000_000)]
    public void TryParse_Number_ReturnsIt(string text, int expected)
    {
        Assert.True(NumberList.TryParse(text, out int number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("1.5k")]
    [InlineData("3000000k")]
    public void TryParse_NotANumber_ReturnsFalse(string text) => Assert.False(NumberList.TryParse(text, out _));
}
