namespace Actors.KvCache;

/// <summary>A key or value is NaN, infinite, or too large for the cache's format. It was refused before it reached a page.</summary>
public sealed class NonFiniteKvException : ArithmeticException
{
    internal NonFiniteKvException(string what, int layer, int position, int head, int channel, float value, KvFormat format)
        : base($"The {what} at layer {layer}, position {position}, head {head}, channel {channel} is {value}, which {format} cannot hold. "
            + "Check the weights, or choose a KV format with a wider range (BFloat16 or Float32).")
    {
        Layer = layer;
        Position = position;
    }

    /// <summary>Layer of the element.</summary>
    public int Layer { get; }

    /// <summary>Position of the token in its sequence.</summary>
    public int Position { get; }
}
