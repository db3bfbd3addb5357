using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>How the next token is chosen. The defaults change nothing about the model's distribution.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.sampling")]
public sealed record TurnSampling
{
    /// <summary>Divides the logits.</summary>
    /// <value>0 (greedy) to 2. Default 1.</value>
    [Id(0)] public float Temperature { get; init; } = 1;

    /// <summary>Keeps the most probable tokens.</summary>
    /// <value>Tokens, 0 for all. Default 0.</value>
    [Id(1)] public int TopK { get; init; }

    /// <summary>Keeps the smallest set of tokens with this probability mass.</summary>
    /// <value>Above 0, to 1. Default 1.</value>
    [Id(2)] public float TopP { get; init; } = 1;

    /// <summary>Drops tokens below this fraction of the best token's probability.</summary>
    /// <value>0 to 1. Default 0.</value>
    [Id(3)] public float MinP { get; init; }

    /// <summary>Divides the positive logits of tokens that occurred and multiplies their negative ones.</summary>
    /// <value>Above 0. Default 1.</value>
    [Id(4)] public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from the logit of every token that the answer holds.</summary>
    /// <value>-2 to 2. Default 0.</value>
    [Id(5)] public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logit of a token for each time that the answer holds it.</summary>
    /// <value>-2 to 2. Default 0.</value>
    [Id(6)] public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens, by token id.</summary>
    /// <value>-100 to 100 each. Default none.</value>
    [Id(7)] public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>Makes the answer reproducible.</summary>
    /// <value>Any number; null draws a fresh one. Default null.</value>
    [Id(8)] public long? Seed { get; init; }

    /// <summary>Texts that end the answer; they are not part of it.</summary>
    /// <value>At most 16 texts. Default none.</value>
    [Id(9)] public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Whether deltas carry the log-probability (natural log) of their token.</summary>
    /// <value>Default false.</value>
    [Id(10)] public bool LogProbabilities { get; init; }

    /// <summary>How many of the most probable tokens each delta lists.</summary>
    /// <value>0 to 20. Default 0.</value>
    [Id(11)] public int TopLogProbabilities { get; init; }
}
