namespace Actors.Models;

/// <summary>The <c>rope_scaling</c> block of a configuration, with defaults filled in.</summary>
/// <param name="Kind">Rule by which frequencies change.</param>
/// <param name="Factor">By how much the context grows; at least 1.</param>
/// <param name="OriginalMaxPositions">Tokens of context before scaling (Llama3 and Yarn).</param>
public sealed record RopeScaling(RopeScalingKind Kind, double Factor, int OriginalMaxPositions)
{
    /// <summary>Llama3: wavelengths above original length / this are divided by the factor.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama3: wavelengths below original length / this are kept.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>Yarn: rotations within the original length from which on a channel is kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Yarn: rotations below which a channel is fully interpolated.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>Yarn: whether the ramp's ends are rounded outwards to whole channels.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Yarn: factor on cosines and sines where the checkpoint states it; null means derived from the other fields.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>Yarn: multiplier in the numerator of the derived attention factor; null or 0 means unset.</summary>
    public double? Mscale { get; init; }

    /// <summary>Yarn: multiplier in the denominator of the derived attention factor; null or 0 means unset.</summary>
    public double? MscaleAllDim { get; init; }
}
