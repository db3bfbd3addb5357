using System.Text.Json;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

/// <summary><c>actors eval</c> with the bundled model.</summary>
public sealed class EvalCommandTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Eval_TwoPoliciesAndSeeds_PrintsARowForEachPolicyAndLength()
    {
        int code = await _cli.RunAsync("eval", "niah_single_1", "--policy", "dense,streaming", "--length", "300,800", "--samples", "1", "--seeds", "1,2", "--ingest", "auto", "--json", "--threads", "1");

        Assert.Equal((ExitCode.Ok, 4), (code, Lines().Length));
        Assert.All(Lines(), row =>
        {
            Assert.Equal((2, "auto"), (row.GetProperty("seeds").GetArrayLength(), row.GetProperty("key").GetProperty("ingest").GetString()));
            Assert.Equal(2, row.GetProperty("questions").GetInt32());
            Assert.InRange(row.GetProperty("score").GetDouble(), 0, 100);
            Assert.InRange(row.GetProperty("touched_percent").GetDouble(), 1, 100);
        });
    }

    [Fact]
    public async Task Eval_OutputOfARunThatWasCutOff_GoesOnWhereItStopped()
    {
        string file = _cli.WriteFile("results.jsonl", "");
        string[] args = ["eval", "passkey,niah_single_1", "--policy", "auto,streaming", "--length", "300", "--samples", "2", "--seeds", "1", "--output", file, "--threads", "1", "--json"];
        await _cli.RunAsync(args);
        string first = _cli.Out, whole = File.ReadAllText(file);
        string[] lines = whole.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((4, 4), (lines.Length, Lines().Length));
        File.WriteAllText(file, $"{lines[0]}\n{lines[1]}\n{lines[2][..50]}");

        await _cli.RunAsync(args);

        string[] again = File.ReadAllText(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines[..2], again[..2]);
        Assert.Equal(lines.Select(Result), again.Select(Result));
        Assert.Contains("2 rows are in", _cli.Error);
        Assert.Equal(first.Split('\n').Select(Result), _cli.Out.Split('\n').Select(Result));

        await _cli.RunAsync(args);
        Assert.Contains("4 rows are in", _cli.Error);
        Assert.Equal(again, File.ReadAllLines(file));
    }

    [Fact]
    public async Task Report_ResultsOfARun_WritesThePageAndItsCharts()
    {
        string file = _cli.WriteFile("results.jsonl", ""), folder = Path.Combine(Path.GetDirectoryName(file)!, "out");
        await _cli.RunAsync("eval", "passkey", "--policy", "dense", "--length", "200,300", "--samples", "1", "--output", file, "--threads", "1");

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("eval", "report", file, "--out", folder));

        Assert.Equal(["passkey-decode.svg", "passkey-score.svg", "results.md"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Contains("actors eval passkey --policy dense --length 200,300 --samples 1 --seeds 42\n", File.ReadAllText(Path.Combine(folder, "results.md")));
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("eval", "report", file + "x"));
    }

    [Theory]
    [InlineData("eval niah_single_2 --length 2000", "--text")]
    [InlineData("eval perplexity --ingest auto", "--ingest")]
    [InlineData("eval passkey --policy auto,blocks:frog=3", "frog")]
    [InlineData("eval passkey --ingest perfect", "perfect")]
    [InlineData("eval passkey --length 20", "--length is")]
    [InlineData("eval report", "report")]
    public async Task Eval_WhatCannotBeDone_IsAUsageErrorThatNamesTheCause(string line, string named)
    {
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync(line.Split(' ')));

        Assert.Contains(named, _cli.Error);
        Assert.Empty(_cli.Out);
    }

    private JsonElement[] Lines() => [.. _cli.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>What does not depend on the machine.</summary>
    private static string Result(string line)
    {
        if (line.Length == 0) return "";
        JsonElement row = JsonDocument.Parse(line).RootElement;
        return $"{row.GetProperty("key")} {row.GetProperty("score")} {row.GetProperty("keys_read")} {row.GetProperty("kinds")}";
    }
}
