using System.Text.Json;
using Actors.Grains.Abstractions;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Ask_Question_PrintsTheAnswerAndNothingElse()
    {
        int code = await _cli.RunAsync("ask", "--session", "s", "who is there?");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal("WHO IS THERE?!" + System.Environment.NewLine, _cli.Out);
        Assert.Empty(_cli.Error);
        Assert.Equal(0, Assert.Single(_cli.Sessions.Turns).Sampling.Temperature);
    }

    [Fact]
    public async Task Ask_Json_PrintsOneDocument()
    {
        await _cli.RunAsync("ask", "--session", "s", "--json", "--temperature", "0.5", "--seed", "7", "--max-tokens", "9", "hello you");

        JsonElement answer = _cli.Json();
        Assert.Equal("HELLO YOU!", answer.GetProperty("text").GetString());
        Assert.Equal("stop", answer.GetProperty("reason").GetString());
        Assert.Equal(2, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt64());
        TurnRequest turn = Assert.Single(_cli.Sessions.Turns);
        Assert.Equal((0.5f, 7L, 9), (turn.Sampling.Temperature, turn.Sampling.Seed!.Value, turn.MaxNewTokens!.Value));
    }

    [Fact]
    public async Task Chat_LinesOfInput_AreAnsweredOneByOne()
    {
        _cli.Input = "one\n\ntwo\n/exit\nthree\n";

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("chat", "--session", "s"));

        Assert.Equal(["ONE!", "TWO!"], _cli.Out.Split(System.Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Sessions_List_FollowsAllPages()
    {
        foreach (string name in new[] { "a", "b", "c", "d", "e" }) await _cli.RunAsync("ask", "--session", name, "x");

        await _cli.RunAsync("sessions", "list", "--json");

        Assert.Equal(["a", "b", "c", "d", "e"], _cli.Json().GetProperty("sessions").EnumerateArray().Select(entry => entry.GetProperty("session").GetString()));
        await _cli.RunAsync("sessions", "list");
        Assert.Contains("│ e", _cli.Out.Replace("|", "│", StringComparison.Ordinal).Replace("  e", "│ e", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_ShowAndDelete_UnknownName_IsNotFound()
    {
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("sessions", "show", "nobody"));
        Assert.Contains("nobody", _cli.Error);
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("sessions", "delete", "nobody", "--yes"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sessions", "delete", "nobody"));
        Assert.Contains("--yes", _cli.Error);
    }

    [Fact]
    public async Task Ask_Receipt_ShowsWhereTheAnswerCameFrom()
    {
        _cli.Sessions.Receipt = new TurnReceipt
        {
            TurnId = "turn-1",
            Spans = [new ReceiptSpan { Rank = 1, Share = 0.75, Item = 3, Role = "user", Text = "My [cat]'s code\nis 30561.", Focus = "30561" }, new ReceiptSpan { Rank = 2, Share = 0.25, Item = 7, Role = "text" }],
        };

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ask", "--session", "s", "--receipt", "code?"));
        Assert.True(Assert.Single(_cli.Sessions.Turns).Receipt);
        Assert.Contains("30561", _cli.Out);
        Assert.Contains("75.0", _cli.Out);
        Assert.Contains("My [cat]'s code is", _cli.Out);

        await _cli.RunAsync("ask", "--session", "s", "--receipt", "--json", "code?");
        Assert.Equal("turn-1", _cli.Json().GetProperty("receipt").GetProperty("turn_id").GetString());
    }

    [Fact]
    public async Task Sessions_Policy_ChangesIt()
    {
        await _cli.RunAsync("ask", "--session", "s", "hello");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sessions", "policy", "s", "quest:tokens=1024"));
        Assert.Contains("quest:tokens=1024", _cli.Out);
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("sessions", "policy", "nobody", "dense"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("sessions", "policy", "s"));
    }

    [Fact]
    public async Task Sessions_Delete_Yes_Erases()
    {
        await _cli.RunAsync("ask", "--session", "s", "x");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("sessions", "delete", "s", "--yes"));

        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("sessions", "show", "s"));
    }

    [Theory]
    [InlineData("ask --session a/b question", "--session")]
    [InlineData("ask question", "--session")]
    [InlineData("ask --session s --temperature 3 question", "--temperature")]
    [InlineData("ask --session s --max-tokens 0 question", "--max-tokens")]
    [InlineData("sessions list --memory 12pages", "12pages")]
    [InlineData("sessions list --memory 1KiB", "at least 64MiB")]
    [InlineData("sessions list --server nowhere", "nowhere")]
    [InlineData("sessions list --threads 0", "--threads")]
    [InlineData("eval riddles", "riddles")]
    [InlineData("eval kv --length 12x", "12x")]
    [InlineData("eval kv --policy perfect", "perfect")]
    [InlineData("logits", "--tokens")]
    [InlineData("frobnicate", "frobnicate")]
    public async Task Run_WrongCommandLine_IsAUsageErrorThatNamesTheCause(string line, string named)
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(line.Split(' ')));

        Assert.Contains(named, _cli.Error);
        Assert.Empty(_cli.Out);
        Assert.DoesNotContain("   at ", _cli.Error);
    }

    [Theory]
    [InlineData(SessionErrorCode.Busy, ExitCode.Busy)]
    [InlineData(SessionErrorCode.StorageFull, ExitCode.Failed)]
    [InlineData(SessionErrorCode.InvalidRequest, ExitCode.Usage)]
    public async Task Ask_SessionFails_EndsWithItsCodeAndOneLine(SessionErrorCode kind, int expected)
    {
        _cli.Sessions.TurnFailure = new SessionException(kind, "The disk said no.");

        Assert.Equal(expected, await _cli.RunAsync("ask", "--session", "s", "x"));

        Assert.Equal("actors: The disk said no." + System.Environment.NewLine, _cli.Error);
    }

    [Fact]
    public async Task Ask_UnknownFailure_ShowsTheTraceOnlyWhenVerbose()
    {
        _cli.Sessions.TurnFailure = new InvalidOperationException("Odd.");
        Assert.Equal(ExitCode.Failed, await _cli.RunAsync("ask", "--session", "s", "x"));
        Assert.Equal("actors: Odd." + System.Environment.NewLine, _cli.Error);

        await _cli.RunAsync("ask", "--session", "s", "--verbose", "x");

        Assert.Contains("InvalidOperationException", _cli.Error);
    }

    [Fact]
    public async Task Settings_CommandLineAndEnvironment_CommandLineWins()
    {
        _cli.Environment["ACTORS_SERVER"] = "http://127.0.0.1:1";
        _cli.Environment["ACTORS_API_KEY"] = "from-environment";
        _cli.Environment["ACTORS_POLICY"] = "dense";

        await _cli.RunAsync("sessions", "list", "--policy", "blocks", "--memory", "64MiB");

        Assert.Equal(
            (new Uri("http://127.0.0.1:1"), "from-environment", "blocks", 64L << 20),
            (_cli.Opened!.Server, _cli.Opened.ApiKey, _cli.Opened.Policy, _cli.Opened.MemoryBytes));
    }

    [Fact]
    public async Task Logits_UnknownModel_IsNotFound()
    {
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("logits", "--model", "/no/such/model", "--tokens", "1,2"));
        Assert.Contains("/no/such/model", _cli.Error);
    }

    [Fact]
    public async Task Help_Asked_ListsTheCommands()
    {
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("--help"));

        foreach (string command in new[] { "serve", "chat", "ask", "ingest", "sessions", "eval", "logits", "bench", "--data", "--memory" })
            Assert.Contains(command, _cli.Out);
    }
}
