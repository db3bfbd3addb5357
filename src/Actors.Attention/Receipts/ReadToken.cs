namespace Actors.Attention;

/// <summary>A token that a query read.</summary>
/// <param name="Position">The token, from 0.</param>
/// <param name="Mass">Share of the query's attention that it drew, mean over all layers and query heads, 0 to 1.</param>
/// <param name="Greatest">The greatest share that any single head gave it. Few heads look far; this is what they looked at.</param>
public readonly record struct ReadToken(int Position, float Mass, float Greatest);
