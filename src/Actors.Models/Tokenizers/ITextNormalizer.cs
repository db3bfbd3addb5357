namespace Actors.Models;

/// <summary>Rewrites a stretch of text between added tokens before it is split. Thread-safe.</summary>
internal interface ITextNormalizer
{
    /// <param name="text">Well-formed UTF-16, not empty.</param>
    /// <param name="start">What stands before the stretch.</param>
    string Normalize(string text, SegmentStart start);
}
