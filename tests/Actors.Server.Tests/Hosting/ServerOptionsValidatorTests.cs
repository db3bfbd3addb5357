using Actors.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Actors.Server.Tests.Hosting;

public sealed class ServerOptionsValidatorTests
{
    [Fact]
    public void ThrowIfInvalid_Defaults_Pass() => ServerOptionsValidator.ThrowIfInvalid(new ServerOptions());

    [Fact]
    public void ThrowIfInvalid_ManyFailures_ListsThemAllWithTheirValues()
    {
        var options = new ServerOptions
        {
            Model = "/no/such/model", Data = " ", Url = "ftp://x", Threads = 999, Policy = "psychic", KvFormat = "float7", QueueLimit = 0, Tenant = "a/b",
        };

        var exception = Assert.Throws<OptionsValidationException>(() => ServerOptionsValidator.ThrowIfInvalid(options));

        string[] all = [.. exception.Failures];
        Assert.Equal(8, all.Length);
        foreach (string value in (string[])["/no/such/model", "ftp://x", "999", "psychic", "float7", "a/b", "QueueLimit", "Data"])
            Assert.Contains(all, failure => failure.Contains(value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.168.1.5:80")]
    [InlineData("http://*:8080")]
    [InlineData("http://example.org:80")]
    public void ThrowIfInvalid_ReachableWithoutKeys_IsRefused(string url)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => ServerOptionsValidator.ThrowIfInvalid(new ServerOptions { Url = url }));

        Assert.Contains(url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowIfInvalid_ReachableWithKey_Passes()
    {
        var options = new ServerOptions { Url = "http://0.0.0.0:8080" };
        options.ApiKeys["0123456789abcdef"] = "alice";

        ServerOptionsValidator.ThrowIfInvalid(options);
    }

    [Theory]
    [InlineData("alice short", "16")]
    [InlineData("just-one-word", "Line 1")]
    [InlineData("a/b 0123456789abcdef", "Line 1")]
    [InlineData("# nothing", "holds no key")]
    public void ThrowIfInvalid_BadKeyFile_IsRefusedWithoutShowingKeys(string content, string expected)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, content);

            var exception = Assert.Throws<OptionsValidationException>(() => ServerOptionsValidator.ThrowIfInvalid(new ServerOptions { ApiKeyFile = file }));

            Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("0123456789abcdef", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
