using System.Text;

namespace Actors.Models.Tests;

public sealed class StopSequenceMatcherTests
{
    [Fact]
    public void Append_StopOverSeveralPieces_IsHeldBackAndCutOff()
    {
        var matcher = new StopSequenceMatcher(["STOP"]);
        Assert.Equal(["a ", "", "", ""], new[] { "a S", "T", "O", "P tail" }.Select(matcher.Append));
        Assert.Equal("STOP", matcher.Matched);
        Assert.Equal("", matcher.Append("more"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void Append_FalseStart_ComesOutWithTheNextPiece()
    {
        var matcher = new StopSequenceMatcher(["</end>"]);
        Assert.Equal("x", matcher.Append("x</e"));
        Assert.Equal("</e y", matcher.Append(" y"));
        Assert.Null(matcher.Matched);
    }

    [Fact]
    public void Flush_HeldText_ComesOut()
    {
        var matcher = new StopSequenceMatcher(["\n\n"]);
        Assert.Equal("a", matcher.Append("a\n"));
        Assert.Equal("\n", matcher.Flush());
        Assert.Null(matcher.Matched);
    }

    [Fact]
    public void Append_NoStops_PassesEverything() => Assert.Equal("text", new StopSequenceMatcher([]).Append("text"));

    [Fact]
    public void Append_AnyCutting_GivesTheSameResult()
    {
        var random = new Random(1);
        for (int round = 0; round < 3000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Text(random, random.Next(1, 5)))];
            string text = Text(random, random.Next(0, 12));
            var (whole, stop) = Run(stops, [text]);
            var pieces = new List<string>();
            for (int from = 0; from < text.Length;)
            {
                int length = random.Next(0, text.Length - from + 1);
                pieces.Add(text.Substring(from, length));
                from += length;
            }

            Assert.Equal((whole, stop), Run(stops, pieces));
            Assert.DoesNotContain(stops, other => whole.Contains(other, StringComparison.Ordinal));
            if (stop is null) Assert.Equal(text, whole);
            else Assert.StartsWith(whole + stop, text);
        }
    }

    private static (string Text, string? Stop) Run(IReadOnlyList<string> stops, IEnumerable<string> pieces)
    {
        var matcher = new StopSequenceMatcher(stops);
        var text = new StringBuilder();
        foreach (string piece in pieces) text.Append(matcher.Append(piece));
        return (text.Append(matcher.Flush()).ToString(), matcher.Matched);
    }

    private static string Text(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));
}
