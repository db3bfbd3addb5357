using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>What is known about a session.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.session-info")]
public sealed record SessionInfo
{
    /// <summary>Name of the session inside its tenant.</summary>
    [Id(0)] public string Session { get; init; } = "";

    /// <summary>Model that the session was written with last.</summary>
    [Id(1)] public string Model { get; init; } = "";

    /// <summary>Attention policy.</summary>
    [Id(2)] public string Policy { get; init; } = "";

    /// <summary>Tokens of the history.</summary>
    [Id(3)] public long Tokens { get; init; }

    /// <summary>Tokens whose keys and values are in memory or on disk; the others are computed by the next turn.</summary>
    [Id(4)] public long ComputedTokens { get; init; }

    /// <summary>Pages in memory.</summary>
    [Id(5)] public long ResidentPages { get; init; }

    /// <summary>Pages on disk; a page may be in both places.</summary>
    [Id(6)] public long StoredPages { get; init; }

    /// <summary>Bytes in memory.</summary>
    [Id(7)] public long ResidentBytes { get; init; }

    /// <summary>Bytes on disk: pages, journal and manifest.</summary>
    [Id(8)] public long StoredBytes { get; init; }

    /// <summary>First write.</summary>
    [Id(9)] public DateTimeOffset Created { get; init; }

    /// <summary>Last write.</summary>
    [Id(10)] public DateTimeOffset Updated { get; init; }

    /// <summary>Turns that ended.</summary>
    [Id(11)] public long Turns { get; init; }

    /// <summary>Sum over all turns.</summary>
    [Id(12)] public TurnUsage Usage { get; init; } = new();

    /// <summary>Whether the session is in memory now.</summary>
    [Id(13)] public bool Active { get; init; }

    /// <summary>Why the session cannot be used; null when it can.</summary>
    [Id(14)] public string? Problem { get; init; }

    /// <summary>How near attention came to exact attention on sampled tokens, by policy, the one in use last. Empty until a token was sampled.</summary>
    [Id(15)] public ImmutableArray<SessionFidelity> Fidelity { get; init; } = [];
}
