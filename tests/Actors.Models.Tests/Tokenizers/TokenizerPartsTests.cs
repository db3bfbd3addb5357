using System.Text.RegularExpressions;

namespace Actors.Models.Tests;

public sealed class TokenizerPartsTests
{
    [Fact]
    public void Normalize_TextsThatChange_EqualsTheUnicodeDatabase()
    {
        foreach (var (text, composed) in TokenizerFixtures.Compositions())
        {
            Assert.Equal(composed, CanonicalComposition.Normalize(text));
            Assert.Equal(composed, CanonicalComposition.Normalize(composed));
        }
    }

    [Fact]
    public void Normalize_Hangul_ComposesSyllables()
    {
        Assert.Equal("가각 한", CanonicalComposition.Normalize("\u1100\u1161\u1100\u1161\u11A8 \u1112\u1161\u11AB"));
        Assert.Same("plain ascii", CanonicalComposition.Normalize("plain ascii"));
    }

    [Fact]
    public void Apply_HeapAndScan_MergeAlike()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            var merges = new MergeTable(50);
            for (int rank = 0; rank < 50; rank++) merges.Add(random.Next(12), random.Next(12), rank, random.Next(12));
            int[] word = [.. Enumerable.Range(0, random.Next(2, 200)).Select(_ => random.Next(4))];
            int[] byScan = [.. word], byHeap = [.. word];
            int scanned = merges.ApplyByScan(byScan), heaped = merges.ApplyByHeap(byHeap);
            Assert.Equal(byScan[..scanned], byHeap[..heaped]);
        }
    }

    [Theory]
    [InlineData("Isolated", false, "a|-|b|-|-|c")]
    [InlineData("Removed", false, "a|b|c")]
    [InlineData("Removed", true, "-|-|-")]
    [InlineData("MergedWithPrevious", false, "a-|b-|-|c")]
    [InlineData("MergedWithNext", false, "a|-b|-|-c")]
    public void Split_EachBehavior_CutsAsNamed(string behavior, bool invert, string expected)
    {
        foreach (ITextSplitter splitter in new ITextSplitter[]
        {
            new StringSplitter("-", Enum.Parse<SplitBehavior>(behavior), invert),
            new RegexSplitter(new Regex("-"), Enum.Parse<SplitBehavior>(behavior), invert),
        })
        {
            var pieces = new List<TextRange>();
            splitter.Split(">>a-b--c<<", new TextRange(2, 6), pieces);
            Assert.Equal(expected, string.Join('|', pieces.Select(piece => ">>a-b--c<<".Substring(piece.Start, piece.Length))));
        }
    }

    [Fact]
    public void Split_SupplementaryLetters_AreLetters()
    {
        const string Text = "x𝐀𝐁 𝟏!";
        var pieces = new List<TextRange>();
        new RegexSplitter(new Regex(@"\p{L}+|\p{N}|."), SplitBehavior.Isolated, false).Split(Text, new TextRange(0, Text.Length), pieces);
        Assert.Equal(["x𝐀𝐁", " ", "𝟏", "!"], pieces.Select(piece => Text.Substring(piece.Start, piece.Length)));
    }

    [Fact]
    public void TryFind_OverlappingTokens_TakesTheLeftmostAndLongest()
    {
        var matcher = new AddedTokenMatcher([Token(1, "<a>"), Token(2, "<a><b>"), Token(3, "b")]);
        Assert.True(matcher.TryFind("..b<a><b>", 0, out int start, out var token));
        Assert.Equal((2, 3), (start, token.Id));
        Assert.True(matcher.TryFind("..b<a><b>", 3, out start, out token));
        Assert.Equal((3, 2), (start, token.Id));
        Assert.False(matcher.TryFind("..b<a><b>", 9, out _, out _));

        static AddedToken Token(int id, string content) => new(id, content, true, false, false, false);
    }
}
