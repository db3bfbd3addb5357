namespace Orleans.Runtime;

/// <summary>Takes state that travels with a moving activation.</summary>
public interface IDehydrationContext
{
    /// <summary>Names written so far.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>Adds bytes.</summary>
    void AddBytes(string key, ReadOnlySpan<byte> value);

    /// <summary>Adds a value; false when it cannot be serialized.</summary>
    bool TryAddValue<T>(string key, T? value);
}
