using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Grains.Abstractions;

namespace Actors.Server.Api;

/// <summary>A session as GET /v1/sessions/{id} shows it.</summary>
internal sealed record SessionEntry
{
    public required string Id { get; init; }

    public string Object => "session";

    public required string Model { get; init; }

    public required string Policy { get; init; }

    public required long Tokens { get; init; }

    public required long ComputedTokens { get; init; }

    public required SessionPages Pages { get; init; }

    public required SessionBytes Bytes { get; init; }

    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; init; }

    public required bool Active { get; init; }

    public required long Turns { get; init; }

    public required ChatUsage Usage { get; init; }

    public IReadOnlyList<SessionFidelity> Fidelity { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    public static SessionEntry From(SessionInfo info) => new()
    {
        Id = info.Session,
        Model = info.Model,
        Policy = info.Policy,
        Tokens = info.Tokens,
        ComputedTokens = info.ComputedTokens,
        Pages = new SessionPages(info.ResidentPages, info.StoredPages),
        Bytes = new SessionBytes(info.ResidentBytes, info.StoredBytes),
        CreatedAt = info.Created.ToUnixTimeSeconds(),
        UpdatedAt = info.Updated.ToUnixTimeSeconds(),
        Active = info.Active,
        Turns = info.Turns,
        Usage = ChatUsageOf(info.Usage),
        Fidelity = info.Fidelity,
        Problem = info.Problem,
    };

    public SessionInfo ToInfo() => new()
    {
        Session = Id,
        Model = Model,
        Policy = Policy,
        Tokens = Tokens,
        ComputedTokens = ComputedTokens,
        ResidentPages = Pages.Memory,
        StoredPages = Pages.Disk,
        ResidentBytes = Bytes.Memory,
        StoredBytes = Bytes.Disk,
        Created = DateTimeOffset.FromUnixTimeSeconds(CreatedAt),
        Updated = DateTimeOffset.FromUnixTimeSeconds(UpdatedAt),
        Active = Active,
        Turns = Turns,
        Fidelity = [.. Fidelity],
        Problem = Problem,
        Usage = new TurnUsage
        {
            PromptTokens = Usage.PromptTokens,
            CachedTokens = Usage.PromptTokensDetails.CachedTokens,
            CompletionTokens = Usage.CompletionTokens,
        },
    };

    internal static ChatUsage ChatUsageOf(TurnUsage usage) => new(
        usage.PromptTokens, usage.CompletionTokens, usage.PromptTokens + usage.CompletionTokens, new PromptTokensDetails(usage.CachedTokens));
}

internal sealed record SessionPages(long Memory, long Disk);

internal sealed record SessionBytes(long Memory, long Disk);

/// <summary>Answer of GET /v1/sessions.</summary>
internal sealed record SessionList(IReadOnlyList<SessionEntry> Data, bool HasMore, string? Next)
{
    public string Object => "list";
}

/// <summary>Answer of DELETE /v1/sessions/{id}.</summary>
internal sealed record SessionDeleted(string Id, bool Deleted)
{
    public string Object => "session.deleted";
}

/// <summary>Body of POST /v1/sessions/{id}/items: a text, or messages.</summary>
internal sealed record IngestBody
{
    public string? Text { get; init; }

    public IReadOnlyList<ChatRequestMessage?>? Items { get; init; }

    public string? Policy { get; init; }

    public bool? Stream { get; init; }

    /// <summary>How often it is read, one time after the other.</summary>
    public int? Repeat { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>Body of POST /v1/sessions/{id}/policy.</summary>
internal sealed record PolicyBody
{
    public string? Policy { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>Answer of GET /v1/sessions/{id}/receipts/{turn}.</summary>
internal sealed record ReceiptBody(string Session, TurnReceipt Receipt)
{
    public string Object => "turn.receipt";
}

/// <summary>Answer of POST /v1/sessions/{id}/items, and each of its events.</summary>
internal sealed record IngestReport(
    string Session, long AcceptedTokens, long ComputedTokens, long TotalTokens, long SessionTokens, bool Completed)
{
    public string Object => "session.ingest";

    public static IngestReport From(string session, IngestProgress progress) => new(
        session, progress.AcceptedTokens, progress.ComputedTokens, progress.TotalTokens, progress.SessionTokens, progress.Completed);
}

/// <summary>Answer of GET /health and GET /ready.</summary>
internal sealed record HealthReport(string Status, string? Model = null, string? Problem = null);
