using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>The answer is complete and in the journal.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.event.ended")]
public sealed record TurnEnded : TurnEvent
{
    /// <summary>Why the answer ended.</summary>
    [Id(0)] public TurnEndReason Reason { get; init; }

    /// <summary>What the turn cost.</summary>
    [Id(1)] public TurnUsage Usage { get; init; } = new();

    /// <summary>The stop text that ended the answer, if one did.</summary>
    [Id(2)] public string? MatchedStop { get; init; }

    /// <summary>Text that was held back and is now known to belong to the answer. Empty in most turns.</summary>
    [Id(3)] public string Text { get; init; } = "";
}
