using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>A piece of an item that an answer read: what of the item lies in one page of 64 tokens.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.receipt.span")]
public sealed record ReceiptSpan
{
    /// <summary>1 for the span that the answer took the most from.</summary>
    [Id(0)] public int Rank { get; init; }

    /// <summary>Part of what the answer took from all spans, 0 to 1.</summary>
    [Id(1)] public double Share { get; init; }

    /// <summary>Mean share of attention that its tokens drew, over tokens of the answer, layers and heads.</summary>
    [Id(2)] public double Mass { get; init; }

    /// <summary>Number of the item in the history, from 0. A long ingested text is several items, one for each piece that was journaled.</summary>
    [Id(3)] public int Item { get; init; }

    /// <summary>Who speaks in the item.</summary>
    [Id(4)] public string Role { get; init; } = "";

    /// <summary>Number of the page.</summary>
    [Id(5)] public int Page { get; init; }

    /// <summary>First token of the span in the history.</summary>
    [Id(6)] public int FirstToken { get; init; }

    /// <summary>One after its last token.</summary>
    [Id(7)] public int EndToken { get; init; }

    /// <summary>First character of the span in the text of the item; null when the text cannot be found in its tokens.</summary>
    [Id(8)] public int? Start { get; init; }

    /// <summary>One after its last character.</summary>
    [Id(9)] public int? End { get; init; }

    /// <summary>The text of the span.</summary>
    [Id(10)] public string Text { get; init; } = "";

    /// <summary>The part of it that was looked at the most.</summary>
    [Id(11)] public string Focus { get; init; } = "";
}
