using Actors.KvCache;

namespace Actors.Engine;

/// <summary>What a sequence is opened with. Immutable.</summary>
public sealed record SequenceOptions
{
    /// <summary>Attention policy.</summary>
    /// <value>Name of a policy; null for <see cref="EngineOptions.DefaultPolicy"/>.</value>
    public string? PolicyName { get; init; }

    /// <summary>Sequences share the pages of equal prefixes only under equal salts.</summary>
    /// <value>Any text, for instance the tenant. Default empty.</value>
    public string TenantSalt { get; init; } = "";

    /// <summary>Where full pages are stored, so that memory can be given back and the sequence can be opened again.</summary>
    /// <value>Stays the caller's and must outlive the sequence. Null keeps the sequence in memory only.</value>
    public IPageStore? PageStore { get; init; }

    /// <summary>When checksums of stored pages are compared.</summary>
    public PageVerification Verification { get; init; }

    /// <summary>Opens what <see cref="SavedSequence.Memory"/> wrote, so that the policy need not replay the pages.</summary>
    /// <value>
    /// Called once or more while the sequence is opened; the streams are disposed. What is missing, damaged or of other tokens is not used. Null for nothing.
    /// </value>
    public Func<Stream?>? OpenMemory { get; init; }

    /// <summary>Tokens that the sequence already has.</summary>
    /// <value>
    /// Pages of <see cref="PageStore"/> that hold the beginning of these tokens are used again; what they lack is computed by the next turn.
    /// Default empty.
    /// </value>
    public ReadOnlyMemory<int> Tokens { get; init; }
}
