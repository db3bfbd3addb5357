using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>How near a policy came to exact attention in a session.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.fidelity")]
public sealed record SessionFidelity
{
    /// <summary>The policy.</summary>
    [Id(0)] public string Policy { get; init; } = "";

    /// <summary>Decoded tokens that were compared.</summary>
    [Id(1)] public long Samples { get; init; }

    /// <summary>Decoded tokens that would have been, had the context not been too long for it.</summary>
    [Id(2)] public long Skipped { get; init; }

    /// <summary>Mean share of exact attention mass on keys that were read.</summary>
    [Id(3)] public double Recall { get; init; }

    /// <summary>Mean difference to the exact output of attention by its length.</summary>
    [Id(4)] public double OutputError { get; init; }

    /// <summary>Mean share of all keys that were read.</summary>
    [Id(5)] public double KeysTouched { get; init; }
}
