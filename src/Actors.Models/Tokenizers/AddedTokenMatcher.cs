using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Actors.Models;

/// <summary>Finds added tokens in text, leftmost first and the longest of those, in one pass.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<char> _firstChars;
    private readonly Dictionary<char, AddedToken[]> _byFirstChar;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirstChar = tokens.GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firstChars = SearchValues.Create([.. _byFirstChar.Keys]);
    }

    /// <summary>Finds the first match at or after a position.</summary>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int start, [NotNullWhen(true)] out AddedToken? token)
    {
        for (start = from; start < text.Length; start++)
        {
            int next = text[start..].IndexOfAny(_firstChars);
            if (next < 0) break;
            start += next;
            foreach (var candidate in _byFirstChar[text[start]])
            {
                if (!text[start..].StartsWith(candidate.Content) || !IsWord(text, start, candidate)) continue;
                token = candidate;
                return true;
            }
        }

        token = null;
        return false;
    }

    private static bool IsWord(ReadOnlySpan<char> text, int start, AddedToken token)
    {
        if (!token.SingleWord) return true;
        int end = start + token.Content.Length;
        Rune.DecodeLastFromUtf16(text[..start], out var before, out _);
        Rune.DecodeFromUtf16(text[end..], out var after, out _);
        return (start == 0 || !IsWordRune(before)) && (end == text.Length || !IsWordRune(after));
    }

    // The joiners U+200C and U+200D stand inside of words.
    private static bool IsWordRune(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;
}
