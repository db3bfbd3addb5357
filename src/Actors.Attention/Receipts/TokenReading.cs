namespace Actors.Attention;

/// <summary>What an answer took from one token.</summary>
/// <param name="Position">The token.</param>
/// <param name="Weight">Its part of what its page weighs: the sum of squares of the greatest shares of attention, of those generated tokens for which it was the page's most read one.</param>
/// <param name="Mass">Sum over generated tokens of the mean share over layers and query heads.</param>
/// <param name="Greatest">The greatest share that any head gave it for any generated token.</param>
public readonly record struct TokenReading(int Position, double Weight, double Mass, float Greatest);
