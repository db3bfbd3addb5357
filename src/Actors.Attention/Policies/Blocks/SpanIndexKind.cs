namespace Actors.Attention;

/// <summary>What stands for a span when spans are chosen.</summary>
public enum SpanIndexKind
{
    /// <summary>Least and greatest value per channel: an upper bound of every key's score.</summary>
    Bounds,

    /// <summary>The mean key.</summary>
    Mean,
}
