using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Gives state that travelled with a moved activation.</summary>
public interface IRehydrationContext
{
    /// <summary>Names present.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>Reads bytes.</summary>
    bool TryGetBytes(string key, out ReadOnlySequence<byte> value);

    /// <summary>Reads a value.</summary>
    bool TryGetValue<T>(string key, [MaybeNullWhen(false)] out T value);
}
