namespace Orleans.Storage;

/// <summary>The stored record is another version than the one the grain read. When it escapes a call, the activation is dropped.</summary>
public class InconsistentStateException : Runtime.OrleansException
{
    /// <summary>Without a message.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>With a message.</summary>
    public InconsistentStateException(string message) : base(message)
    {
    }

    /// <summary>With a message and the two versions.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>With a message, the two versions and the cause.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException!)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>Version in the store.</summary>
    public string? StoredEtag { get; }

    /// <summary>Version that the grain has.</summary>
    public string? CurrentEtag { get; }

    internal bool IsSourceActivation { get; set; } = true;
}
