using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>How far an ingest has come.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.ingest-progress")]
public sealed record IngestProgress
{
    /// <summary>Tokens of this call that are in the journal and thus survive a kill.</summary>
    [Id(0)] public long AcceptedTokens { get; init; }

    /// <summary>Tokens of this call whose keys and values are computed.</summary>
    [Id(1)] public long ComputedTokens { get; init; }

    /// <summary>Tokens of this call.</summary>
    [Id(2)] public long TotalTokens { get; init; }

    /// <summary>Tokens of the whole session when the call is through.</summary>
    [Id(3)] public long SessionTokens { get; init; }

    /// <summary>Whether this is the last report of a call that ended well.</summary>
    [Id(4)] public bool Completed { get; init; }
}
