namespace Actors.Attention;

/// <summary>Options that hold for any policy. Immutable.</summary>
public sealed record ReadOptions
{
    /// <summary>Nothing special.</summary>
    public static ReadOptions None { get; } = new();

    internal string Fingerprint => "";

    internal static ReadOptions From(PolicyArguments arguments) => None;
}
