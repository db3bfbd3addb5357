namespace Actors.Grains;

/// <summary>Cuts long text where a tokenizer would cut it as well: before a line or a word, never inside a character.</summary>
internal static class TextPieces
{
    /// <returns>The pieces in order; joined they are the text. None for an empty text.</returns>
    public static IEnumerable<string> Split(string text, int mostCharacters)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = text.Length - start <= mostCharacters ? text.Length - start : FindCut(text.AsSpan(start, mostCharacters + 1));
            yield return text.Substring(start, length);
            start += length;
        }
    }

    /// <summary>Length of the next piece. The last character of the span is the first one that no longer fits.</summary>
    private static int FindCut(ReadOnlySpan<char> text)
    {
        int most = text.Length - 1, half = most / 2;
        int line = text[..most].LastIndexOf('\n');
        if (line > half) return line + 1;

        int word = text.LastIndexOf(' ');
        if (word > half) return word;

        return char.IsLowSurrogate(text[most]) && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
    }
}
