namespace Actors.Models;

/// <summary>A stretch of text and whether special tokens are recognized in it.</summary>
/// <param name="Text">Text.</param>
/// <param name="ParseSpecialTokens">True for markers that the program wrote; false for everything that came from a user.</param>
public readonly record struct TextSegment(string Text, bool ParseSpecialTokens);
