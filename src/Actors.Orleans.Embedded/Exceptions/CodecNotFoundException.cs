namespace Orleans.Serialization;

/// <summary>A value of this type cannot cross a grain call.</summary>
public sealed class CodecNotFoundException : Exception
{
    /// <summary>With a message.</summary>
    public CodecNotFoundException(string message) : base(message)
    {
    }
}
