using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>How much of the input is computed, before the first token of the answer.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.event.progress")]
public sealed record TurnProgress : TurnEvent
{
    /// <summary>Tokens computed by this turn so far.</summary>
    [Id(0)] public long ComputedTokens { get; init; }

    /// <summary>Tokens that this turn has to compute before it can answer.</summary>
    [Id(1)] public long TotalTokens { get; init; }
}
