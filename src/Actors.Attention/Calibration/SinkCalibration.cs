using System.Globalization;

namespace Actors.Attention;

/// <summary>
/// Tokens after the first that draw attention without meaning much: their share is scaled down and the rest goes to all other tokens in proportion. Immutable.
/// </summary>
/// <remarks>
/// Source: arXiv:2406.15765 (ACT). The last queries of each long chunk say which tokens these are; the paper takes all queries of a prompt. The heads in which it helps
/// are found offline and given in <see cref="Heads"/>.
/// </remarks>
public sealed record SinkCalibration
{
    /// <summary>Factor on the share of a token that draws too much.</summary>
    /// <value>0 to 1.</value>
    public required float Beta { get; init; }

    /// <summary>Mean share of a query head's attention above which a token draws too much.</summary>
    /// <value>0.02 to 1. Default 0.1.</value>
    public float Above { get; init; } = 0.1f;

    /// <summary>First layer and last layer.</summary>
    /// <value>Null for all but the first two and the last. Default null.</value>
    public (int First, int Last)? Layers { get; init; }

    /// <summary>Heads as layer and query head; the only ones.</summary>
    /// <value>Null for all heads of <see cref="Layers"/>. Default null.</value>
    public IReadOnlyList<(int Layer, int Head)>? Heads { get; init; }

    internal string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"act={Beta:r},{Above:r},{Layers?.First}-{Layers?.Last},{(Heads is null ? "" : string.Join('+', Heads.Select(each => $"{each.Layer}.{each.Head}")))}");

    /// <summary>Reads the options <c>act</c>, <c>act-above</c>, <c>act-layers</c> and <c>act-heads</c>.</summary>
    internal static SinkCalibration? From(PolicyArguments arguments)
    {
        string? beta = arguments.Text("act"), layers = arguments.Text("act-layers"), heads = arguments.Text("act-heads");
        SinkCalibration calibration = new() { Beta = arguments.Number("act", 1), Above = arguments.Number("act-above", 0.1f) };
        if (layers is not null)
            calibration = calibration with { Layers = Pair(layers, '-') ?? Failed(arguments, $"act-layers is '{layers}'; write the first and the last layer, for instance 2-30.") };
        if (heads is not null)
            calibration = calibration with { Heads = [.. heads.Split('+').Select(each => Pair(each, '.') ?? Failed(arguments, $"act-heads has '{each}'; write layer.head, several joined by +, for instance 3.0+3.4."))] };
        if (!(calibration.Beta >= 0 && calibration.Beta <= 1))
            arguments.Fail(FormattableString.Invariant($"act is {calibration.Beta}; it must be 0 to 1."));
        if (!(calibration.Above >= 0.02f && calibration.Above <= 1))
            arguments.Fail(FormattableString.Invariant($"act-above is {calibration.Above}; it must be 0.02 to 1."));
        if (beta is null && (layers is not null || heads is not null || arguments.Text("act-above") is not null))
            arguments.Fail("act-above, act-layers and act-heads say where act holds; give act, for instance act=0.4.");
        if (arguments.Environment.Shape is { } shape)
        {
            foreach (string failure in calibration.OutOfRange(shape))
                arguments.Fail(failure);
        }
        return beta is null ? null : calibration;
    }

    internal IEnumerable<string> OutOfRange(AttentionShape shape)
    {
        if (Layers is { } layers && (layers.First > layers.Last || layers.Last >= shape.Layers))
            yield return $"act-layers is {layers.First}-{layers.Last}; the model has layers 0 to {shape.Layers - 1}.";
        foreach ((int layer, int head) in Heads ?? [])
        {
            if (layer >= shape.Layers || head >= shape.QueryHeads)
                yield return $"act-heads has {layer}.{head}; the model has layers 0 to {shape.Layers - 1} and query heads 0 to {shape.QueryHeads - 1}.";
        }
    }

    internal bool Holds(AttentionShape shape, int layer, int head)
        => Heads is not null ? Heads.Contains((layer, head)) : layer >= (Layers?.First ?? 2) && layer <= (Layers?.Last ?? shape.Layers - 2);

    private static (int, int)? Pair(string text, char between)
    {
        string[] parts = text.Split(between);
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int second)
            ? (first, second)
            : null;
    }

    private static (int, int) Failed(PolicyArguments arguments, string failure)
    {
        arguments.Fail(failure);
        return (0, 0);
    }
}
