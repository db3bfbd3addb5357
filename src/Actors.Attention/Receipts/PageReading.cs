namespace Actors.Attention;

/// <summary>What an answer took from one page.</summary>
/// <param name="Page">Number of the page: tokens [64 * Page, 64 * Page + 64).</param>
/// <param name="Share">Its part of what the answer took from all pages, 0 to 1.</param>
/// <param name="Mass">Mean share of attention that its named tokens drew, over generated tokens, layers and query heads.</param>
/// <param name="Tokens">Its tokens that receipts named, in order.</param>
public sealed record PageReading(int Page, double Share, double Mass, IReadOnlyList<TokenReading> Tokens);
