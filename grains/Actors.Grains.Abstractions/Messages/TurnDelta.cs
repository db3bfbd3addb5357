using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>One more token of the answer.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.event.delta")]
public sealed record TurnDelta : TurnEvent
{
    /// <summary>Text that this token makes visible. Empty while a character or a possible stop text is incomplete.</summary>
    [Id(0)] public string Text { get; init; } = "";

    /// <summary>The token.</summary>
    [Id(1)] public int Token { get; init; }

    /// <summary>Log-probability of the token (natural log); null unless asked for.</summary>
    [Id(2)] public float? LogProbability { get; init; }

    /// <summary>The most probable tokens at this place, best first; empty unless asked for.</summary>
    [Id(3)] public ImmutableArray<TokenProbability> Top { get; init; } = [];

    /// <summary>The token's own text, also where <see cref="Text"/> is held back; null unless log-probabilities are asked for.</summary>
    [Id(4)] public string? TokenText { get; init; }
}
