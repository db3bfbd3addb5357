using Actors.Grains.Abstractions;
using Actors.Models;

namespace Actors.Grains;

/// <summary>Turns the sampling of a message into the sampler's options and checks it.</summary>
internal static class SamplingMapping
{
    /// <exception cref="SessionException">At least one value is not usable; the message lists them all.</exception>
    public static SamplingOptions ToOptions(this TurnSampling sampling, int vocabularySize)
    {
        foreach (int token in sampling.LogitBias.Keys)
        {
            if (token < 0 || token >= vocabularySize)
                throw new SessionException(SessionErrorCode.InvalidRequest, $"'logit_bias' names token {token}; the model has tokens 0 to {vocabularySize - 1}.", "logit_bias");
        }

        var options = new SamplingOptions
        {
            Temperature = sampling.Temperature,
            TopK = sampling.TopK,
            TopP = sampling.TopP,
            MinP = sampling.MinP,
            RepetitionPenalty = sampling.RepetitionPenalty,
            PresencePenalty = sampling.PresencePenalty,
            FrequencyPenalty = sampling.FrequencyPenalty,
            LogitBias = sampling.LogitBias.IsEmpty ? null : sampling.LogitBias,
            Seed = sampling.Seed,
            Stop = sampling.Stop,
            LogProbabilities = sampling.LogProbabilities,
            TopLogProbabilities = sampling.TopLogProbabilities,
        };
        IReadOnlyList<string> failures = options.Validate();
        if (failures.Count > 0) throw new SessionException(SessionErrorCode.InvalidRequest, string.Join(" ", failures));
        return options;
    }
}
