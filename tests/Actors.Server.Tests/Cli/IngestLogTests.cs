using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class IngestLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ingest-log-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Open_AfterWrite_ReturnsTheEntry()
    {
        var entry = new IngestLogEntry(100, 20, 7, 200, 1234);
        IngestLog.Open(_folder.FullName, "place", "session", [1, 2]).Write(entry);

        Assert.Equal(entry, IngestLog.Open(_folder.FullName, "place", "session", [1, 2]).Entry);
        Assert.Null(IngestLog.Open(_folder.FullName, "place", "other", [1, 2]).Entry);
        Assert.Null(IngestLog.Open(_folder.FullName, "place", "session", [1, 3]).Entry);
        Assert.Null(IngestLog.Open(_folder.FullName, "elsewhere", "session", [1, 2]).Entry);
    }

    [Fact]
    public void Open_TornFile_IsAsIfUnknown()
    {
        IngestLog.Open(_folder.FullName, "place", "session", [1]).Write(new IngestLogEntry(1, 0, 1, 2, null));
        File.WriteAllText(Assert.Single(_folder.GetFiles()).FullName, "{\"Accep");

        Assert.Null(IngestLog.Open(_folder.FullName, "place", "session", [1]).Entry);
    }

    [Theory]
    [InlineData(50L, 9L, 100)] // the pending piece was never accepted
    [InlineData(51L, 9L, 120)] // it was
    [InlineData(51L, 10L, 0)] // another session of the same name
    [InlineData(null, null, 0)] // the session is gone
    public void BytesIn_SessionAsItIsNow_DecidesAboutThePendingPiece(long? tokens, long? created, long expected)
    {
        var entry = new IngestLogEntry(100, 20, 50, 200, 9);

        Assert.Equal(expected, entry.BytesIn(tokens, created));
    }
}
