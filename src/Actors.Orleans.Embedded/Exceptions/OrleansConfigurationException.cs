namespace Orleans.Runtime;

/// <summary>The silo is configured wrongly.</summary>
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>With a message.</summary>
    public OrleansConfigurationException(string message) : base(message)
    {
    }

    /// <summary>With a message and the cause.</summary>
    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
