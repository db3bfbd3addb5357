namespace Actors.Storage;

/// <summary>Something could not be written, for instance because the disk is full. What was there before is unchanged.</summary>
public sealed class StorageWriteException : IOException
{
    internal StorageWriteException(string path, Exception cause)
        : base($"'{path}' could not be written: {cause.Message.TrimEnd('.')}. Nothing that was accepted before is lost.", cause)
    {
        Path = path;
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    internal static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is (IOException and not StorageWriteException) or UnauthorizedAccessException)
        {
            throw new StorageWriteException(path, e);
        }
    }
}
