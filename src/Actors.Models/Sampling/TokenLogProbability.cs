namespace Actors.Models;

/// <summary>A token and the natural logarithm of its probability.</summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbability">Natural logarithm; at most 0.</param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);
