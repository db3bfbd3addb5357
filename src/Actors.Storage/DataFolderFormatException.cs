namespace Actors.Storage;

/// <summary>A folder is no data folder that this version can use.</summary>
public sealed class DataFolderFormatException : IOException
{
    internal DataFolderFormatException(string path, string cause)
        : base($"The data folder '{path}' cannot be used: {cause}. Use the version that wrote it, or another folder.")
    {
    }
}
