using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>One token of an answer and what its query read.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt.token")]
public sealed record ReceiptToken
{
    /// <summary>The token's text.</summary>
    [Id(0)] public string Text { get; init; } = "";

    /// <summary>Position of the query that chose it: the token before it.</summary>
    [Id(1)] public int Position { get; init; }

    /// <summary>The tokens of the history that drew the most in a single head, the most first; nothing is left out.</summary>
    [Id(2)] public ImmutableArray<ReceiptRead> Read { get; init; } = [];
}
