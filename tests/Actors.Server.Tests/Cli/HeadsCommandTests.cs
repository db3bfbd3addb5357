using System.Text.Json;
using Actors.Attention;
using Actors.Server.Cli;
using Actors.Testing;

namespace Actors.Server.Tests.Cli;

public sealed class HeadsCommandTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Heads_Model_WritesTheSameFileForAnyThreadsAndShowsRanks()
    {
        string one = _cli.WriteFile("one.json", ""), two = _cli.WriteFile("two.json", "");
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("heads", "--model", RepositoryFiles.Reference("llama"), "--seeds", "2", "--out", one, "--threads", "1", "--json"));
        JsonElement[] heads = [.. _cli.Json().GetProperty("heads").EnumerateArray()];
        Assert.Equal(6, heads.Length);
        Assert.Equal([1, 2, 3, 4, 5, 6], heads.Select(head => head.GetProperty("ranks").GetProperty("induction").GetInt32()).Order());
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("heads", "--model", RepositoryFiles.Reference("llama"), "--seeds", "2", "--out", two));
        Assert.Equal(File.ReadAllText(one), File.ReadAllText(two));
        Assert.Contains("\"command\": \"actors heads --seeds 2\"", File.ReadAllText(one));
        Assert.Contains("Induction (rank)", _cli.Out);
    }

    [Fact]
    public async Task Heads_BundledModel_FindsTheHeadsThatLookAnswersUp()
    {
        string path = _cli.WriteFile("heads.json", ""), text = _cli.WriteFile("prose.txt", string.Concat(Enumerable.Repeat("The command reads the file and prints each line.\n", 20)));
        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("heads", "--model", RepositoryFiles.BundledModel, "--seeds", "1", "--text", text, "--out", path, "--json"));
        Assert.Contains("heads --seeds 1 --text prose.txt", File.ReadAllText(path));
        float[] retrieval = [.. _cli.Json().GetProperty("heads").EnumerateArray().Select(head => head.GetProperty("scores").GetProperty("retrieval").GetSingle())];
        Assert.InRange(retrieval.Max(), 0.5f, 1);
        Assert.InRange(retrieval.Min(), 0, 0.1f);
    }

    [Fact]
    public async Task Heads_WhatCannotBeUsed_IsNamed()
    {
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("heads", "--model", RepositoryFiles.BundledModel, "--text", "/nowhere.txt"));
        Assert.Contains("/nowhere.txt", _cli.Error);
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("heads", "--model", RepositoryFiles.BundledModel, "--text", _cli.WriteFile("empty.txt", "")));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("heads", "--server", "http://127.0.0.1:1"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("heads", "--seeds", "0"));
    }
}
