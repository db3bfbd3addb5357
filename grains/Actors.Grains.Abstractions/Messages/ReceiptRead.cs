using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>A token that a query read.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt.read")]
public sealed record ReceiptRead
{
    /// <summary>The token's place in the history.</summary>
    [Id(0)] public int Position { get; init; }

    /// <summary>Share of attention, mean over layers and heads.</summary>
    [Id(1)] public float Mass { get; init; }

    /// <summary>The greatest share that a single head gave it.</summary>
    [Id(2)] public float Greatest { get; init; }
}
