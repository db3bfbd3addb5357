namespace Actors.KvCache;

/// <summary>Where a stored page lies: a file, and the page's index in it. Immutable.</summary>
internal sealed class StoredPlace(MappedFile file, int index)
{
    internal MappedFile File => file;

    internal int Index => index;
}
