using System.Text.RegularExpressions;

namespace Actors.Models;

/// <summary>Cuts at the matches of a pattern, which sees code points rather than UTF-16 units.</summary>
internal sealed class RegexSplitter(Regex pattern, SplitBehavior behavior, bool invert) : ITextSplitter
{
    public void Split(string text, TextRange range, List<TextRange> pieces)
    {
        var span = text.AsSpan(range.Start, range.Length);
        var collector = new PieceCollector(pieces, behavior, invert, range.Start);
        if (span.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            foreach (var match in pattern.EnumerateMatches(span)) collector.Match(match.Index, match.Index + match.Length);
        }
        else
        {
            var projection = new CodePointProjection(span);
            foreach (var match in pattern.EnumerateMatches(projection.Chars))
                collector.Match(projection.Position(match.Index), projection.Position(match.Index + match.Length));
        }

        collector.End(range.Length);
    }
}

/// <summary>Cuts at every occurrence of a string.</summary>
internal sealed class StringSplitter(string pattern, SplitBehavior behavior, bool invert) : ITextSplitter
{
    public void Split(string text, TextRange range, List<TextRange> pieces)
    {
        var span = text.AsSpan(range.Start, range.Length);
        var collector = new PieceCollector(pieces, behavior, invert, range.Start);
        for (int from = 0; ;)
        {
            int next = span[from..].IndexOf(pattern);
            if (next < 0) break;
            collector.Match(from + next, from + next + pattern.Length);
            from += next + pattern.Length;
        }

        collector.End(range.Length);
    }
}

/// <summary>
/// Cuts before every run of SentencePiece's space mark. Exact only for vocabularies without tokens in which the mark follows another
/// character, because then no merge can cross such a cut; it makes long texts a sequence of short, cacheable words.
/// </summary>
internal sealed class WordSplitter(char mark) : ITextSplitter
{
    public void Split(string text, TextRange range, List<TextRange> pieces)
    {
        int start = range.Start, end = range.Start + range.Length;
        for (int i = start + 1; i < end; i++)
        {
            if (text[i] != mark || text[i - 1] == mark) continue;
            pieces.Add(new TextRange(start, i - start));
            start = i;
        }

        if (start < end) pieces.Add(new TextRange(start, end - start));
    }

    public static bool IsExact(IEnumerable<string> vocabulary, char mark) =>
        vocabulary.All(token => !token.AsSpan().TrimStart(mark).Contains(mark));
}

/// <summary>Cuts every decimal digit off as a piece.</summary>
internal static class DigitPatterns
{
    public const string Individual = @"\p{N}";
    public const string Runs = @"\p{N}+";
}
