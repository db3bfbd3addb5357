namespace Orleans.Storage;

/// <summary>A storage provider is missing or configured wrongly.</summary>
public sealed class BadProviderConfigException : Runtime.OrleansException
{
    /// <summary>With a message.</summary>
    public BadProviderConfigException(string msg) : base(msg)
    {
    }

    /// <summary>With a message and the cause.</summary>
    public BadProviderConfigException(string msg, Exception exc) : base(msg, exc)
    {
    }
}
