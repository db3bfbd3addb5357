using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>Text that enters the history without an answer.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.ingest")]
public sealed record IngestRequest
{
    /// <summary>New messages, in order; at least one.</summary>
    [Id(0)] public ImmutableArray<SessionItem> Items { get; init; } = [];

    /// <summary>Attention policy of the session, when this call creates it. Null for the server's default.</summary>
    [Id(1)] public string? Policy { get; init; }
}
