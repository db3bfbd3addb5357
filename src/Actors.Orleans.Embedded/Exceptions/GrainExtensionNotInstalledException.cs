namespace Orleans.Runtime;

/// <summary>The grain does not have the extension that was called.</summary>
public sealed class GrainExtensionNotInstalledException : OrleansException
{
    /// <summary>With a message.</summary>
    public GrainExtensionNotInstalledException(string message) : base(message)
    {
    }
}
