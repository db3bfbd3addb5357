namespace Actors.Models;

/// <summary>What a tokenizer file says, ready to use.</summary>
internal sealed record TokenizerParts
{
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required IReadOnlyList<ITextNormalizer> Normalizers { get; init; }

    public required IReadOnlyList<ITextSplitter> Splitters { get; init; }

    public required BpeModel Model { get; init; }

    /// <summary>All tokens by text, added ones included.</summary>
    public required Dictionary<string, int> Tokens { get; init; }

    public required TokenBytes Bytes { get; init; }

    /// <summary>Decoding drops one space at the very beginning.</summary>
    public required bool StripsLeadingSpace { get; init; }
}
