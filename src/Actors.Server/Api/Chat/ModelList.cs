namespace Actors.Server.Api;

/// <summary>Answer of GET /v1/models.</summary>
internal sealed record ModelList(IReadOnlyList<ModelEntry> Data)
{
    public string Object => "list";
}

internal sealed record ModelEntry(string Id, long Created)
{
    public string Object => "model";

    public string OwnedBy => "actors";
}
