namespace Actors.Storage.Tests;

public class PathNamesTests
{
    [Theory]
    [InlineData("chat-1", "n-chat-1")]
    [InlineData("../../etc", "n-_2e_2e_2f_2e_2e_2fetc")]
    [InlineData("A", "n-_41")]
    [InlineData("con", "n-con")]
    [InlineData("a b\0\n", "n-a_20b_00_0a")]
    [InlineData("é", "n-_c3_a9")]
    [InlineData("_", "n-_5f")]
    public void Encode_AnyName_IsOnePlainFileName(string name, string expected) => Assert.Equal(expected, PathNames.Encode(name, "name"));

    [Fact]
    public void Encode_LongName_IsBoundedAndDistinct()
    {
        string a = PathNames.Encode(new string('/', 1000) + "a", "name");
        string b = PathNames.Encode(new string('/', 1000) + "b", "name");
        Assert.NotEqual(a, b);
        Assert.True(a.Length <= 120, a);
        Assert.All(a, c => Assert.True(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void Encode_NoName_Throws(string? name) => Assert.ThrowsAny<ArgumentException>(() => PathNames.Encode(name!, "session"));

    [Fact]
    public void Encode_NameTooLong_Throws() => Assert.Throws<ArgumentException>(() => PathNames.Encode(new string('a', 1025), "session"));
}
