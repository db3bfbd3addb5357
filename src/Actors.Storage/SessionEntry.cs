namespace Actors.Storage;

/// <summary>One line of a listing.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Session">The session.</param>
/// <param name="Manifest">The manifest last committed, or null when there is none yet or it is damaged.</param>
public sealed record SessionEntry(string Tenant, string Session, SessionManifest? Manifest);
