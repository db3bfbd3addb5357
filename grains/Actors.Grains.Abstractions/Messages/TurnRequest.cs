using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>What is new in a conversation, and how to answer it.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.turn")]
public sealed record TurnRequest
{
    /// <summary>New messages, in order. May be empty: then the model goes on where the history ends.</summary>
    [Id(0)] public ImmutableArray<SessionItem> Items { get; init; } = [];

    /// <summary>How tokens are chosen.</summary>
    [Id(1)] public TurnSampling Sampling { get; init; } = new();

    /// <summary>Longest answer.</summary>
    /// <value>Tokens, 1 or more; null for the server's default.</value>
    [Id(2)] public int? MaxNewTokens { get; init; }

    /// <summary>Attention policy of the session, when this turn creates it. Null for the server's default.</summary>
    [Id(3)] public string? Policy { get; init; }

    /// <summary>Whether the session keeps a receipt of the answer: what it was drawn from.</summary>
    [Id(4)] public bool Receipt { get; init; }
}
