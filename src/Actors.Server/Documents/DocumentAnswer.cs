namespace Actors.Server.Documents;

/// <summary>An answer from a list of documents.</summary>
/// <param name="Text">What the model said.</param>
/// <param name="Order">Number of each document, from 0, in the order in which they were read for the answer.</param>
/// <param name="Attention">Attention to each of them, in that order, as last measured: mean over layers and heads of one step; empty when it was not.</param>
/// <param name="Factors">Factors on that attention, in that order; empty for none.</param>
/// <param name="Passes">How often the list was read, the answer included.</param>
/// <param name="PromptTokens">Tokens of all passes together.</param>
/// <param name="GeneratedTokens">Tokens of the answer.</param>
internal sealed record DocumentAnswer(
    string Text, IReadOnlyList<int> Order, IReadOnlyList<double> Attention, IReadOnlyList<double> Factors, int Passes, long PromptTokens, int GeneratedTokens);
