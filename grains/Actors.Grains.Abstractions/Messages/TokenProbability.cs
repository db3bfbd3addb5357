using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>A token that was possible at a place, and how probable it was.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.token-probability")]
public sealed record TokenProbability
{
    /// <summary>The token.</summary>
    [Id(0)] public int Token { get; init; }

    /// <summary>Its text.</summary>
    [Id(1)] public string Text { get; init; } = "";

    /// <summary>Its log-probability, natural log.</summary>
    [Id(2)] public float LogProbability { get; init; }
}
