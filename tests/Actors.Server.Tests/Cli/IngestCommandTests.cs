using Actors.Grains.Abstractions;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class IngestCommandTests : IDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i} of the text\n{(i % 10 == 0 ? "\n" : "")}"));

    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Ingest_File_EntersWholeAndInOrder()
    {
        string file = _cli.WriteFile("a.txt", Text);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ingest", "--session", "s", "--json", file));

        Assert.Equal(Text, string.Concat(_cli.Sessions.Ingested));
        Assert.All(_cli.Sessions.Ingested, piece => Assert.InRange(piece.Length, 1, TextPieces.MaxPieceBytes));
        Assert.Equal(Text.Length, _cli.Json().GetProperty("bytes").GetInt64());
        Assert.Equal(10, _cli.Json().GetProperty("tokens_per_second_by_tenth").GetArrayLength());
        Assert.Contains("100%", _cli.Error);
    }

    [Fact]
    public async Task Ingest_StandardInput_Enters()
    {
        _cli.Input = "a few words";

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ingest", "--session", "s", "-"));

        Assert.Equal(["a few words"], _cli.Sessions.Ingested);
        Assert.Contains("3 tokens", _cli.Out);
    }

    [Fact]
    public async Task Ingest_SameFileTwice_IsNotDuplicated()
    {
        string file = _cli.WriteFile("a.txt", Text);
        await _cli.RunAsync("ingest", "--session", "s", file);
        int pieces = _cli.Sessions.Ingested.Count;

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ingest", "--session", "s", _cli.WriteFile("same-contents.txt", Text)));

        Assert.Equal(pieces, _cli.Sessions.Ingested.Count);
        Assert.Contains("already in session s", _cli.Error);
        await _cli.RunAsync("ingest", "--session", "s", "--again", file);
        Assert.Equal(2 * pieces, _cli.Sessions.Ingested.Count);
    }

    [Fact]
    public async Task Ingest_Repeat_ReadsTheWholeFileAgainAndOnlyOnce()
    {
        string file = _cli.WriteFile("a.txt", Text);

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ingest", "--session", "s", "--repeat", "2", "--json", file));

        Assert.Equal(Text + Text, string.Concat(_cli.Sessions.Ingested));
        Assert.Equal(2 * Text.Length, _cli.Json().GetProperty("bytes").GetInt64());
        await _cli.RunAsync("ingest", "--session", "s", "--repeat", "2", file);
        Assert.Equal(Text + Text, string.Concat(_cli.Sessions.Ingested));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("ingest", "--session", "s", "--repeat", "2", "-"));
        Assert.Equal(ExitCode.Usage, await _cli.RunAsync("ingest", "--session", "s", "--repeat", "0", file));
    }

    [Fact]
    public async Task Ingest_CutOff_GoesOnWhereItStopped()
    {
        string file = _cli.WriteFile("a.txt", Text);
        _cli.Sessions.IngestFailure = (3, new SessionException(SessionErrorCode.StorageFull, "The disk is full."));
        Assert.Equal(ExitCode.Failed, await _cli.RunAsync("ingest", "--session", "s", file));
        _cli.Sessions.IngestFailure = null;

        Assert.Equal(ExitCode.Ok, await _cli.RunAsync("ingest", "--session", "s", file));

        Assert.Equal(Text, string.Concat(_cli.Sessions.Ingested));
        Assert.Contains("going on there", _cli.Error);
    }

    [Fact]
    public async Task Ingest_SessionWasDeleted_BeginsAnew()
    {
        string file = _cli.WriteFile("a.txt", "some words");
        await _cli.RunAsync("ingest", "--session", "s", file);
        await _cli.RunAsync("sessions", "delete", "s", "--yes");

        await _cli.RunAsync("ingest", "--session", "s", file);

        Assert.Equal(2, _cli.Sessions.Ingested.Count);
    }

    [Fact]
    public async Task Ingest_MissingFile_IsNotFound()
    {
        Assert.Equal(ExitCode.NotFound, await _cli.RunAsync("ingest", "--session", "s", "/no/such/file"));
        Assert.Contains("/no/such/file", _cli.Error);
    }
}
