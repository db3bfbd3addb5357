namespace Actors.Attention;

/// <summary>A run of tokens whose attention is scaled before the softmax.</summary>
/// <param name="Start">First token.</param>
/// <param name="End">End of the tokens.</param>
/// <param name="LogWeight">Added to their scores: the natural logarithm of the factor on their weight.</param>
public readonly record struct SpanWeight(int Start, int End, float LogWeight);
