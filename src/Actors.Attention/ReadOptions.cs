namespace Actors.Attention;

/// <summary>Options that hold for any policy. Immutable.</summary>
public sealed record ReadOptions
{
    /// <summary>Nothing special.</summary>
    public static ReadOptions None { get; } = new();

    /// <summary>Factor on the scores of all query heads: above 1 attention is sharper, below 1 flatter (arXiv:2404.12224).</summary>
    /// <value>0.1 to 10. Default 1.</value>
    public float Temperature { get; init; } = 1;

    /// <summary>The same for each query head.</summary>
    /// <value>Null for <see cref="Temperature"/> in all heads. Default null.</value>
    public HeadTemperatures? HeadTemperatures { get; init; }

    /// <summary>Ranges of layers that share their attention weights.</summary>
    /// <value>As in the option <c>share</c>; default none.</value>
    public LayerSharing Sharing { get; init; } = LayerSharing.None;

    /// <summary>Tokens after the first that draw too much attention are scaled down.</summary>
    /// <value>As in the options <c>act</c>; default null for none.</value>
    public SinkCalibration? Sinks { get; init; }

    internal string Fingerprint => string.Join(';', new[]
    {
        HeadTemperatures?.Fingerprint ?? (Temperature == 1 ? "" : FormattableString.Invariant($"temperature={Temperature:r}")),
        Sharing.Fingerprint,
        Sinks?.Fingerprint ?? "",
    }.Where(part => part.Length > 0));

    internal static ReadOptions From(PolicyArguments arguments)
    {
        LayerSharing sharing = LayerSharing.From(arguments);
        SinkCalibration? sinks = SinkCalibration.From(arguments);
        if (arguments.Text("temperature") == "heads")
            return new() { HeadTemperatures = HeadTemperatures.Read(arguments.Environment), Sharing = sharing, Sinks = sinks };
        float temperature = arguments.Number("temperature", 1);
        if (temperature is < 0.1f or > 10)
            arguments.Fail(FormattableString.Invariant($"temperature is {temperature}; it must be 0.1 to 10, or 'heads' for the values in {HeadTemperatures.FileName} of the model directory."));
        return new() { Temperature = temperature, Sharing = sharing, Sinks = sinks };
    }

    /// <summary>Factors on the queries, 1/sqrt(headDim) included: [layers, queryHeads].</summary>
    internal float[] QueryScales(AttentionShape shape)
    {
        float[] scales = new float[shape.Layers * shape.QueryHeads];
        if (HeadTemperatures is { } heads && heads.Values.Count != scales.Length)
            throw new ArgumentException($"There are temperatures for {heads.Values.Count} query heads; the model has {shape.Layers} layers of {shape.QueryHeads}.");
        for (int i = 0; i < scales.Length; i++)
            scales[i] = 1f / MathF.Sqrt(shape.HeadDim) * (HeadTemperatures?.Values[i] ?? Temperature);
        return scales;
    }

    /// <summary>For each layer the one whose queries and keys weigh its values.</summary>
    internal int[] KeyLayers(int layers) => Sharing.KeyLayers(layers);
}
