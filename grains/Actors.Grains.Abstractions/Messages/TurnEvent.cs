using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>One thing that happened in a turn.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.event")]
public abstract record TurnEvent
{
    /// <summary>Number of the event in its turn, from 0, without a gap.</summary>
    [Id(0)] public long Sequence { get; init; }
}
