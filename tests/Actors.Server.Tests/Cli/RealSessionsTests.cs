using System.Text.Json;
using Actors.Server.Cli;
using Actors.Server.Tests.Hosting;

namespace Actors.Server.Tests.Cli;

/// <summary>The command line over the real silo with the bundled model: in this process, and over HTTP.</summary>
public sealed class RealSessionsTests(RealServer server) : IClassFixture<RealServer>
{
    [Fact]
    public async Task Conversation_OverHttp_RemembersWhatWasToldAndIngested()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.txt");
        string[] where = ["--server", server.Address.ToString(), "--data", Path.Combine(server.Folder, "client"), "--json"];
        try
        {
            await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("The grass is green. The sky is blue.\n", 200)) + "My dog's code is 48213.\n");
            JsonElement added = await RunAsync(["ingest", "--session", "http", file, .. where]);
            Assert.True(added.GetProperty("tokens").GetInt64() > 1000);

            JsonElement answer = await RunAsync(["ask", "--session", "http", "What is my dog's code?", .. where]);

            Assert.Contains("48213", answer.GetProperty("text").GetString());
            JsonElement shown = await RunAsync(["sessions", "show", "http", .. where]);
            Assert.Equal("http", shown.GetProperty("session").GetString());
            Assert.True(shown.GetProperty("tokens").GetInt64() > added.GetProperty("tokens").GetInt64());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Conversation_OverADataFolder_OutlivesTheProcessThatHeldIt()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cli-data-");
        string[] where = ["--data", folder.FullName, "--memory", "64MiB", "--threads", "1", "--json"];
        try
        {
            await RunAsync(["ask", "--session", "s", "The color of Ana's bike is teal.", .. where]);

            JsonElement answer = await RunAsync(["ask", "--session", "s", "What is the color of Ana's bike?", .. where]);

            Assert.Contains("teal", answer.GetProperty("text").GetString());
            Assert.True((await RunAsync(["sessions", "delete", "s", "--yes", .. where])).GetProperty("deleted").GetBoolean());
            Assert.Equal(0, (await RunAsync(["sessions", "list", .. where])).GetProperty("sessions").GetArrayLength());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Ask_FolderOfARunningServer_IsBusyAndNamesIt()
    {
        (int code, _, string error) = await RunWithCodeAsync(["ask", "--session", "s", "--data", server.Folder, "x"]);

        Assert.Equal(ExitCode.Busy, code);
        Assert.Contains(server.Folder, error);
    }

    [Fact]
    public async Task Serve_AddressInUse_SaysSoInOneLine()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cli-data-");
        try
        {
            (int code, string output, string error) = await RunWithCodeAsync(["serve", "--data", folder.FullName, "--url", server.Address.GetLeftPart(UriPartial.Authority)]);

            Assert.Equal(ExitCode.Busy, code);
            Assert.Empty(output);
            Assert.Contains("--url", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<JsonElement> RunAsync(string[] args)
    {
        (int code, string output, string error) = await RunWithCodeAsync(args);
        Assert.True(code == ExitCode.Ok, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<(int Code, string Out, string Error)> RunWithCodeAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var services = new CommandServices
        {
            Terminal = new Terminal { In = TextReader.Null, OpenInput = static () => Stream.Null, Out = output, Error = error },
            Environment = static _ => null,
            Time = TimeProvider.System,
            OpenSessionsAsync = SessionAccess.OpenAsync,
        };
        return (await CommandLine.RunAsync(args, services, CancellationToken.None), output.ToString(), error.ToString());
    }
}
