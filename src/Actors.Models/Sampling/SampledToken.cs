namespace Actors.Models;

/// <summary>
/// One chosen token. Log-probabilities are natural and those of the model itself: before bias, penalties, temperature and filters.
/// </summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbability">Natural logarithm of the token's probability.</param>
/// <param name="Top">The most probable tokens, best first, as many as <see cref="SamplingOptions.TopLogProbabilities"/> asks for.</param>
public readonly record struct SampledToken(int Token, float LogProbability, IReadOnlyList<TokenLogProbability> Top);
