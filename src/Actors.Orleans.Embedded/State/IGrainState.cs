namespace Orleans;

/// <summary>A record as a storage sees it.</summary>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T? State { get; set; }

    /// <summary>Version of the record; null when there is none.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the record is stored.</summary>
    bool RecordExists { get; set; }
}
