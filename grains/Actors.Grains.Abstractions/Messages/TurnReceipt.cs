using System.Collections.Immutable;
using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>What an answer was drawn from: the places of the history that the attention of its tokens read.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt")]
public sealed record TurnReceipt
{
    /// <summary>Name of the turn.</summary>
    [Id(0)] public string TurnId { get; init; } = "";

    /// <summary>Attention policy of the turn.</summary>
    [Id(1)] public string Policy { get; init; } = "";

    /// <summary>Tokens of the answer that a receipt was made of.</summary>
    [Id(2)] public int AnswerTokens { get; init; }

    /// <summary>Where attention went, mean over tokens, layers and heads.</summary>
    [Id(3)] public ReceiptZones Zones { get; init; } = new();

    /// <summary>Spans of text by what the answer took from them, the most first. Sinks, the question and the answer itself are left out.</summary>
    [Id(4)] public ImmutableArray<ReceiptSpan> Spans { get; init; } = [];

    /// <summary>The same by item, the most first.</summary>
    [Id(5)] public ImmutableArray<ReceiptItem> Items { get; init; } = [];

    /// <summary>For each token of the answer what was read for it, the first 1,024 tokens at most.</summary>
    [Id(6)] public ImmutableArray<ReceiptToken> Tokens { get; init; } = [];
}
