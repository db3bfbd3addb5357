namespace Actors.Storage;

/// <summary>Another process owns the data folder.</summary>
public sealed class DataFolderInUseException : IOException
{
    internal DataFolderInUseException(string path, string? process, Exception cause)
        : base($"The data folder '{path}' is in use by {(process is null ? "another process" : $"process {process}")}. "
            + "Stop that process, talk to its server, or choose another data folder.", cause)
    {
        Path = path;
        ProcessId = int.TryParse(process, out int id) ? id : null;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Id of the process that owns it, when known.</summary>
    public int? ProcessId { get; }
}
