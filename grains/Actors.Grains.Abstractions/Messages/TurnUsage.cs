using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>Tokens of a turn, or of all turns of a session.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.usage")]
public sealed record TurnUsage
{
    /// <summary>Tokens that the answer could see: the whole history and the new items.</summary>
    [Id(0)] public long PromptTokens { get; init; }

    /// <summary>Those of them whose keys and values were there already.</summary>
    [Id(1)] public long CachedTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    [Id(2)] public long CompletionTokens { get; init; }
}
