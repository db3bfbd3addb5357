namespace Orleans.Runtime;

/// <summary>Identity of one incarnation of a grain in memory.</summary>
public readonly struct ActivationId(Guid key) : IEquatable<ActivationId>
{
    /// <summary>The value.</summary>
    public Guid Key { get; } = key;

    /// <summary>A new identity.</summary>
    public static ActivationId NewId() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public bool Equals(ActivationId other) => Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"@{Key:N}";
}
