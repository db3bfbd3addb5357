namespace Actors.Models;

/// <summary>Cuts a stretch of text into pieces that are encoded by themselves. Thread-safe.</summary>
internal interface ITextSplitter
{
    /// <param name="text">Whole text; only the range is looked at, as if nothing surrounded it.</param>
    /// <param name="range">Part to cut.</param>
    /// <param name="pieces">Receives the pieces in order.</param>
    void Split(string text, TextRange range, List<TextRange> pieces);
}

/// <summary>Part of a text, in UTF-16 units.</summary>
internal readonly record struct TextRange(int Start, int Length);
