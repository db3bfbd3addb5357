using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Identity of a grain: its type and its key. Written "type/key".</summary>
public readonly struct GrainId(GrainType type, IdSpan key) : IEquatable<GrainId>, IComparable<GrainId>, IParsable<GrainId>
{
    /// <summary>The grain type.</summary>
    public GrainType Type { get; } = type;

    /// <summary>The key.</summary>
    public IdSpan Key { get; } = key;

    /// <summary>Whether this is the default value, which names no grain.</summary>
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    /// <summary>Makes an identity from texts.</summary>
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    /// <summary>Makes an identity.</summary>
    public static GrainId Create(GrainType type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(type, IdSpan.Create(key));
    }

    /// <summary>Makes an identity.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>Reads "type/key".</summary>
    /// <exception cref="ArgumentException">The text has no slash or an empty side.</exception>
    public static GrainId Parse(string value) =>
        TryParse(value, out GrainId result) ? result : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id: expected \"type/key\".", nameof(value));

    /// <summary>Reads "type/key"; false when the text has no slash or an empty side.</summary>
    public static bool TryParse(string? value, out GrainId result)
    {
        int slash = value?.IndexOf('/') ?? -1;
        bool good = slash > 0 && slash < value!.Length - 1;
        result = good ? Create(value![..slash], value[(slash + 1)..]) : default;
        return good;
    }

    static GrainId IParsable<GrainId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<GrainId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out GrainId result) => TryParse(s, out result);

    /// <inheritdoc/>
    public bool Equals(GrainId other) => Key.Equals(other.Key) && Type.Equals(other.Type);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Key);

    /// <summary>A hash that is the same in every process (FNV-1a over the UTF-8 of "type/key").</summary>
    public uint GetUniformHashCode()
    {
        uint hash = 2166136261;
        foreach (byte b in Type.Value.Value.Span)
            hash = (hash ^ b) * 16777619;
        hash = (hash ^ '/') * 16777619;
        foreach (byte b in Key.Value.Span)
            hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <inheritdoc/>
    public int CompareTo(GrainId other)
    {
        int byType = Type.CompareTo(other.Type);
        return byType != 0 ? byType : Key.CompareTo(other.Key);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type}/{Key}";

    /// <summary>Equality of type and key.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Inequality of type or key.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
