using System.Text.RegularExpressions;

namespace Actors.Models;

/// <summary>Composed canonical form (NFC).</summary>
internal sealed class ComposingNormalizer : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start) => CanonicalComposition.Normalize(text);
}

/// <summary>Puts text before a stretch, unless plain text came before.</summary>
internal sealed class PrependNormalizer(string prefix) : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start) =>
        start == SegmentStart.AfterText || text.Length == 0 ? text : prefix + text;
}

/// <summary>Replaces every occurrence of a string.</summary>
internal sealed class ReplaceNormalizer(string pattern, string content) : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start) => text.Replace(pattern, content, StringComparison.Ordinal);
}

/// <summary>Replaces every match of a pattern by a literal string.</summary>
internal sealed class RegexNormalizer(Regex pattern, string content) : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start) => pattern.Replace(text, _ => content);
}

/// <summary>SentencePiece's mark for spaces, as the pre-tokenizer Metaspace writes it.</summary>
internal sealed class MetaspaceNormalizer(char mark, MetaspacePrefix prefix) : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start)
    {
        text = text.Replace(' ', mark);
        bool wanted = prefix switch
        {
            MetaspacePrefix.Always => start != SegmentStart.AfterText,
            MetaspacePrefix.First => start == SegmentStart.BeginsText,
            _ => false,
        };
        return wanted && text.Length > 0 && text[0] != mark ? mark + text : text;
    }
}

/// <summary>Adds a space before text that does not begin with one, as the pre-tokenizer ByteLevel does.</summary>
internal sealed class SpacePrefixNormalizer : ITextNormalizer
{
    public string Normalize(string text, SegmentStart start) =>
        start == SegmentStart.AfterText || text.Length == 0 || text[0] == ' ' ? text : ' ' + text;
}

/// <summary>Where Metaspace adds its mark.</summary>
internal enum MetaspacePrefix
{
    Never,
    First,
    Always,
}
