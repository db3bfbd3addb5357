using System.Globalization;
using System.Text;

namespace Actors.Models;

/// <summary>
/// Text with every supplementary code point replaced by one character of the same Unicode category. .NET patterns look at UTF-16 units and
/// would take a letter beyond U+FFFF for two surrogates; on the projection \p{L}, \p{N} and \s mean what tokenizer files mean.
/// </summary>
internal readonly ref struct CodePointProjection
{
    private readonly char[] _chars;
    private readonly int[] _positions;
    private readonly int _length;

    public CodePointProjection(ReadOnlySpan<char> text)
    {
        _chars = new char[text.Length];
        _positions = new int[text.Length + 1];
        int position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            _positions[_length] = position;
            _chars[_length++] = rune.IsBmp ? (char)rune.Value : Representative(Rune.GetUnicodeCategory(rune));
            position += rune.Utf16SequenceLength;
        }

        _positions[_length] = position;
    }

    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, _length);

    /// <summary>Position in the original text of an index into <see cref="Chars"/>.</summary>
    public int Position(int index) => _positions[index];

    private static char Representative(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0531',
        UnicodeCategory.LowercaseLetter => '\u0561',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u16EE',
        UnicodeCategory.OtherNumber => '\u09F4',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u2E02',
        UnicodeCategory.FinalQuotePunctuation => '\u2E03',
        UnicodeCategory.OtherPunctuation => '\u2020',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\u02C2',
        UnicodeCategory.OtherSymbol => '\u2100',
        UnicodeCategory.Format => '\u2060',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
