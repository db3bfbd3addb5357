using Actors.Attention;
using Actors.KvCache;

namespace Actors.Engine;

/// <summary>What has to be remembered, beside the tokens and the page files, to open a sequence again. Immutable.</summary>
public sealed record SavedSequence
{
    /// <summary>Identity of the weights that the pages come from.</summary>
    public required string ModelFingerprint { get; init; }

    /// <summary>Policy that the sequence runs.</summary>
    public required string PolicyName { get; init; }

    /// <summary>Identity of the policy with its options.</summary>
    public required string PolicyFingerprint { get; init; }

    /// <summary>Tokens of the sequence.</summary>
    public required int TokenCount { get; init; }

    /// <summary>The stored pages and their files.</summary>
    public required SavedPages Pages { get; init; }

    /// <summary>What the policy keeps and would otherwise replay from the pages when the sequence is opened again.</summary>
    /// <value>Null for nothing. May be written until the next operation on the sequence.</value>
    public PolicyMemory? Memory { get; init; }

    /// <summary>Tokens [0, StoredTokens) are in stored pages; the rest is computed when the sequence is opened again.</summary>
    public int StoredTokens => Pages.PageCount * KvLayout.PageTokens;
}
