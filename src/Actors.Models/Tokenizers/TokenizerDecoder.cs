using System.Globalization;
using System.Text;

namespace Actors.Models;

/// <summary>How the text of a vocabulary entry becomes bytes.</summary>
/// <param name="ByteLevel">Characters stand for bytes.</param>
/// <param name="SpaceMark">Character that stands for a space; null for none.</param>
/// <param name="ByteFallback">Entries such as &lt;0x0A&gt; stand for one byte.</param>
/// <param name="StripsLeadingSpace">One space at the very beginning is dropped.</param>
internal sealed record TokenizerDecoder(bool ByteLevel, char? SpaceMark, bool ByteFallback, bool StripsLeadingSpace)
{
    public byte[] ToBytes(string token)
    {
        if (ByteLevel) return ByteAlphabet.ToBytes(token);
        if (ByteFallback && token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            return [value];
        return Encoding.UTF8.GetBytes(SpaceMark is { } mark ? token.Replace(mark, ' ') : token);
    }
}
