namespace Actors.KvCache;

/// <summary>When the checksum of a stored page is compared with its bytes.</summary>
public enum PageVerification
{
    /// <summary>All pages at restore: a damaged page cuts the table before it.</summary>
    AtRestore = 0,

    /// <summary>Each page when it is first read; a damaged page then throws <see cref="PageCorruptException"/>.</summary>
    AtFirstUse = 1,
}
