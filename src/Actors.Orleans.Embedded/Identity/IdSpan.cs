using System.Text;

namespace Orleans.Runtime;

/// <summary>An opaque piece of an identity: grain type or key.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly string? _text;

    private IdSpan(string text) => _text = text;

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsDefault => _text is null;

    /// <summary>The bytes in UTF-8.</summary>
    public ReadOnlyMemory<byte> Value => _text is null ? default : Encoding.UTF8.GetBytes(_text);

    /// <summary>Makes a span from text.</summary>
    public static IdSpan Create(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        return new(id);
    }

    /// <inheritdoc/>
    public bool Equals(IdSpan obj) => string.Equals(_text, obj._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _text is null ? 0 : string.GetHashCode(_text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => string.CompareOrdinal(_text, other._text);

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";

    /// <summary>Ordinal equality.</summary>
    public static bool operator ==(IdSpan a, IdSpan b) => a.Equals(b);

    /// <summary>Ordinal inequality.</summary>
    public static bool operator !=(IdSpan a, IdSpan b) => !a.Equals(b);
}
