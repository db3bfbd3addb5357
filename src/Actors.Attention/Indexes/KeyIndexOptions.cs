namespace Actors.Attention;

/// <summary>Knobs of the key indexes. Immutable; shared by any number of indexes.</summary>
public sealed record KeyIndexOptions
{
    /// <summary>The defaults.</summary>
    public static KeyIndexOptions Default { get; } = new();

    internal IEnumerable<string> Failures()
    {
        yield break;
    }
}
