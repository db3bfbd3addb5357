namespace Actors.KvCache;

/// <summary>Where a stored page lies: a file, and the page's index in it. Immutable but for the mark of a failed read.</summary>
internal sealed class StoredPlace(MappedFile file, int index)
{
    private volatile bool _lost;

    internal MappedFile File => file;

    internal int Index => index;

    /// <summary>Whether reading failed here: the page has to be computed again.</summary>
    internal bool IsLost => _lost || file.IsLost;

    internal void Lose() => _lost = true;
}
