using Actors.Testing;

namespace Actors.Storage.Tests;

public sealed class TurnFilesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly DataFolder _data;

    public TurnFilesTests() => _data = DataFolder.Open(_folder.Path);

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Write_ManyTurns_KeepsTheNewest()
    {
        TurnFiles files = _data.Session("t", "s").Receipts;
        for (int i = 0; i < TurnFiles.MostTurns + 3; i++) files.Write($"turn-{i:000}", [(byte)i]);

        Assert.Null(files.Read("turn-002"));
        Assert.Equal([3], files.Read("turn-003"));
        Assert.Equal([34], files.Read("turn-034"));
        files.Write("turn-034", [7]);
        Assert.Equal([7], files.Read("turn-034"));
    }

    [Fact]
    public void Delete_Session_ErasesThemAndReadingMakesNothing()
    {
        Assert.Null(_data.Session("t", "s").Receipts.Read("turn-1"));
        Assert.False(_data.Session("t", "s").Exists);
        _data.Session("t", "s").Receipts.Write("turn-1", [1]);
        Assert.True(_data.Delete("t", "s"));
        Assert.Null(_data.Session("t", "s").Receipts.Read("turn-1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../manifest")]
    [InlineData("Turn")]
    [InlineData("a/b")]
    public void Read_NameThatIsNone_Throws(string turn) => Assert.Throws<ArgumentException>(() => _data.Session("t", "s").Receipts.Read(turn));

    [Fact]
    public void Write_TooLong_Throws() =>
        Assert.Throws<ArgumentException>(() => _data.Session("t", "s").Receipts.Write("turn-1", new byte[TurnFiles.MostBytes + 1]));
}
