namespace Actors.Storage;

/// <summary>A manifest was committed by a writer whose knowledge is old: another writer was there in between.</summary>
public sealed class ManifestConflictException : IOException
{
    internal ManifestConflictException(string path, long revision, long currentRevision, long epoch, long currentEpoch)
        : base($"The manifest '{path}' is at revision {currentRevision} of epoch {currentEpoch}; this writer knew revision {revision} "
            + $"of epoch {epoch}. Another writer owns the session now: read the manifest again.")
    {
        CurrentRevision = currentRevision;
        CurrentEpoch = currentEpoch;
    }

    /// <summary>Revision on disk.</summary>
    public long CurrentRevision { get; }

    /// <summary>Epoch on disk.</summary>
    public long CurrentEpoch { get; }
}
