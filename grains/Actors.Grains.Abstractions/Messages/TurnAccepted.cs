using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>The new items are durable: from here on no kill loses them.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.event.accepted")]
public sealed record TurnAccepted : TurnEvent
{
    /// <summary>Name of the turn, unique in the session.</summary>
    [Id(0)] public string TurnId { get; init; } = "";

    /// <summary>Tokens of the history that the answer sees, new items included.</summary>
    [Id(1)] public long PromptTokens { get; init; }
}
