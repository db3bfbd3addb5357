namespace Actors.Storage;

/// <summary>A document as it was read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">Its content.</param>
/// <param name="ETag">Its version; never empty.</param>
public sealed record StoredDocument(string Name, byte[] Content, string ETag);
