using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>An item that an answer read.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt.item")]
public sealed record ReceiptItem
{
    /// <summary>Number of the item in the history, from 0.</summary>
    [Id(0)] public int Item { get; init; }

    /// <summary>Who speaks in it.</summary>
    [Id(1)] public string Role { get; init; } = "";

    /// <summary>Part of what the answer took from all items, 0 to 1.</summary>
    [Id(2)] public double Share { get; init; }

    /// <summary>Mean share of attention that its tokens drew.</summary>
    [Id(3)] public double Mass { get; init; }
}
