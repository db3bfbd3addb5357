using System.Text.Json.Serialization;
using Actors.KvCache;

namespace Actors.Storage;

/// <summary>
/// What a session was when its manifest was last committed: small, whatever the length of the conversation. With the journal records from
/// <see cref="JournalBytes"/> on it gives the whole session. Immutable.
/// </summary>
public sealed record SessionManifest
{
    /// <summary>Most bytes of a manifest as JSON.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Version of the format; a reader refuses another.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Tenant that owns the session.</summary>
    public required string Tenant { get; init; }

    /// <summary>Name of the session.</summary>
    public required string Session { get; init; }

    /// <summary>ETag: the number of the commit. Give back what was read; the commit returns the next.</summary>
    public long Revision { get; init; }

    /// <summary>Grows with each writer that takes the session over; a commit with a lower epoch is refused.</summary>
    public long Epoch { get; init; }

    /// <summary>Name of the model.</summary>
    public string Model { get; init; } = "";

    /// <summary>Fingerprint of the weights that computed the pages.</summary>
    public string ModelFingerprint { get; init; } = "";

    /// <summary>Attention policy.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Tokens of the session, those in pages and those after them.</summary>
    public int TokenCount { get; init; }

    /// <summary>Journal bytes that this manifest reflects: recovery reads records from here on.</summary>
    public long JournalBytes { get; init; }

    /// <summary>Sealed pages in the store.</summary>
    public int PageCount { get; init; }

    /// <summary>Id of the last stored page, as hexadecimal digits; empty for none.</summary>
    public string LastPage { get; init; } = "";

    /// <summary>Page files by run.</summary>
    public IReadOnlyList<PageRun> Pages { get; init; } = [];

    /// <summary>Bytes of the page files.</summary>
    public long StoredBytes { get; init; }

    /// <summary>When the session began.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When this manifest was made.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Counters of use.</summary>
    public SessionUsage Usage { get; init; } = new();

    /// <summary>Anything else the owner keeps, small.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>This manifest naming the pages of a save.</summary>
    /// <param name="saved">What is durable.</param>
    /// <returns>The new manifest.</returns>
    public SessionManifest WithPages(SavedPages saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        return this with
        {
            PageCount = saved.PageCount,
            LastPage = saved.PageCount == 0 ? "" : saved.LastPage.ToString(),
            Pages = saved.Runs,
            StoredBytes = saved.StoredBytes,
        };
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SessionManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
