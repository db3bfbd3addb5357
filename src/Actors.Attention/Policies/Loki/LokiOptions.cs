namespace Actors.Attention;

/// <summary>Options of the policy `loki`.</summary>
public sealed record LokiOptions
{
    /// <summary>Sinks, window and where the memory stands.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Part of the memory that each query head reads.</summary>
    /// <value>Above 0, at most 1. Default 0.125.</value>
    public float Share { get; init; } = 0.125f;

    /// <summary>Principal dimensions that keys are compared by.</summary>
    /// <value>1 to 1,024, and no more than the head dimension counts; null for a quarter of the head dimension. Default null.</value>
    public int? Dimensions { get; init; }

    /// <summary>Keys of the memory from which the principal directions are computed, once so many are there; until then keys are compared whole.</summary>
    /// <value>Keys, 64 to 65,536. Default 1,024.</value>
    public int CalibrationTokens { get; init; } = 1024;

    internal string Fingerprint => FormattableString.Invariant($"{Memory.Fingerprint};{Share:r},{Dimensions},{CalibrationTokens}");

    internal static LokiOptions From(PolicyArguments arguments)
    {
        LokiOptions defaults = new();
        return new()
        {
            Memory = MemoryOptions.From(arguments, 16, 512),
            Share = arguments.Number("keep", defaults.Share),
            Dimensions = arguments.Text("dims") is null ? null : arguments.Int("dims", 1),
            CalibrationTokens = arguments.Int("calibration", defaults.CalibrationTokens),
        };
    }

    internal IEnumerable<string> Failures()
    {
        foreach (string failure in Memory.Failures())
            yield return failure;
        if (!(Share is > 0 and <= 1))
            yield return FormattableString.Invariant($"keep is {Share}; it must be above 0 and at most 1.");
        if (Dimensions is < 1 or > KeyIndexes.MaxHeadDim)
            yield return $"dims is {Dimensions}; it must be 1 to {KeyIndexes.MaxHeadDim}.";
        if (CalibrationTokens is < 64 or > 65536)
            yield return $"calibration is {CalibrationTokens}; it must be 64 to 65536.";
    }
}
