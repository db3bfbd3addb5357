using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>Shares of attention by zone; they sum to 1 but for rounding.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt.zones")]
public sealed record ReceiptZones
{
    /// <summary>First tokens, where the policy reads them apart.</summary>
    [Id(0)] public float Sinks { get; init; }

    /// <summary>Recent tokens, read exactly; everything where the policy reads every key.</summary>
    [Id(1)] public float Window { get; init; }

    /// <summary>What lies between.</summary>
    [Id(2)] public float Memory { get; init; }

    /// <summary>What stands for several tokens at once.</summary>
    [Id(3)] public float Summaries { get; init; }
}
