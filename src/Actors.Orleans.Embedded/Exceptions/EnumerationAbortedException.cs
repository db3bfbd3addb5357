namespace Orleans.Runtime;

/// <summary>The grain no longer has the enumerator: nobody pulled it for too long, or the activation ended.</summary>
public sealed class EnumerationAbortedException : Exception
{
    /// <summary>Without a message.</summary>
    public EnumerationAbortedException()
    {
    }

    /// <summary>With a message.</summary>
    public EnumerationAbortedException(string message) : base(message)
    {
    }

    /// <summary>With a message and the cause.</summary>
    public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
