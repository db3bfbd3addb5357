namespace Actors.KvCache;

/// <summary>
/// Pages could not be stored, for instance because the disk is full. They stay in memory and nothing that was committed is lost; the
/// next save tries again.
/// </summary>
public sealed class PageStoreException : IOException
{
    /// <summary>Reports a failed write.</summary>
    /// <param name="path">The file or folder that was written.</param>
    /// <param name="cause">The failure of the operating system.</param>
    public PageStoreException(string path, Exception cause)
        : base($"Pages could not be stored at '{path}': {cause?.Message.TrimEnd('.')}. They stay in memory and are stored when writing works again.", cause)
    {
        Path = path;
    }

    /// <summary>The file or folder that was written.</summary>
    public string Path { get; }
}
