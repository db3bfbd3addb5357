namespace Orleans.Core;

/// <summary>State of a grain in a store.</summary>
public interface IStorage
{
    /// <summary>Version of the stored record; null when there is none.</summary>
    string? Etag { get; }

    /// <summary>Whether there is a stored record.</summary>
    bool RecordExists { get; }

    /// <summary>Deletes the record.</summary>
    Task ClearStateAsync();

    /// <summary>Writes the record.</summary>
    /// <exception cref="Storage.InconsistentStateException">The stored record is another version.</exception>
    Task WriteStateAsync();

    /// <summary>Reads the record.</summary>
    Task ReadStateAsync();

    /// <summary>Deletes the record.</summary>
    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    /// <summary>Writes the record.</summary>
    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    /// <summary>Reads the record.</summary>
    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}
