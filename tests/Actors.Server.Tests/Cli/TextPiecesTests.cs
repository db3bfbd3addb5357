using System.Text;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class TextPiecesTests
{
    [Fact]
    public async Task ReadAsync_AnyText_PiecesJoinToTheText()
    {
        string text = string.Concat(Enumerable.Range(0, 400).Select(i => $"Line {i} with äöü, 漢字 and 🙂.{(i % 7 == 0 ? "\n\n" : "\n")}"));
        foreach (int limit in new[] { 4, 5, 7, 16, 100, 1000, 100_000 })
        {
            List<TextPiece> pieces = await ReadAsync(Encoding.UTF8.GetBytes(text), limit);

            Assert.Equal(text, string.Concat(pieces.Select(piece => piece.Text)));
            Assert.All(pieces, piece => Assert.InRange(piece.Bytes, 1, limit));
            Assert.All(pieces, piece => Assert.Equal(piece.Bytes, Encoding.UTF8.GetByteCount(piece.Text)));
        }
    }

    [Fact]
    public async Task ReadAsync_LongText_CutsAtParagraphs()
    {
        string paragraph = new string('a', 40) + "\n\n";

        List<TextPiece> pieces = await ReadAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(paragraph, 10))), 100);

        Assert.All(pieces, piece => Assert.EndsWith("\n\n", piece.Text));
    }

    [Fact]
    public async Task ReadAsync_ByteOrderMark_IsDropped()
    {
        List<TextPiece> pieces = await ReadAsync([0xEF, 0xBB, 0xBF, (byte)'x'], 100);

        Assert.Equal("x", Assert.Single(pieces).Text);
    }

    [Fact]
    public async Task ReadAsync_Empty_ReturnsNothing() => Assert.Empty(await ReadAsync([], 100));

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'b' }, "0xFF at offset 1")]
    [InlineData(new byte[] { (byte)'a', (byte)'b', 0xC3 }, "0xC3 at offset 2")]
    public async Task ReadAsync_InvalidUtf8_NamesTheByte(byte[] bytes, string expected)
    {
        CliException error = await Assert.ThrowsAsync<CliException>(() => ReadAsync(bytes, 100));

        Assert.Contains(expected, error.Message);
        Assert.Equal(ExitCode.Failed, error.Code);
    }

    [Fact]
    public async Task ReadAsync_InvalidUtf8BeyondTheFirstPiece_NamesItsOffsetInTheFile()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("word ", 100)));
        bytes[321] = 0xFE;

        CliException error = await Assert.ThrowsAsync<CliException>(() => ReadAsync(bytes, 50));

        Assert.Contains("offset 321", error.Message);
    }

    private static async Task<List<TextPiece>> ReadAsync(byte[] bytes, int limit)
    {
        List<TextPiece> pieces = [];
        await foreach (TextPiece piece in TextPieces.ReadAsync(new MemoryStream(bytes), "input", limit, CancellationToken.None)) pieces.Add(piece);
        return pieces;
    }
}
