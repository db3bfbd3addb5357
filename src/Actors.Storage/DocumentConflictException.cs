namespace Actors.Storage;

/// <summary>A document is not at the version that its writer knew.</summary>
public sealed class DocumentConflictException : IOException
{
    internal DocumentConflictException(string name, string? expected, string? present)
        : base($"The document '{name}' is at version {present ?? "none"}; the writer knew version {expected ?? "none"}. Read it again.")
    {
        Expected = expected;
        Present = present;
    }

    /// <summary>ETag that the writer knew, null for none.</summary>
    public string? Expected { get; }

    /// <summary>ETag on disk, null for none.</summary>
    public string? Present { get; }
}
