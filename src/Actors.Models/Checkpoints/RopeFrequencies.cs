namespace Actors.Models;

/// <summary>Inverse frequencies of rotary embeddings, in double, for every supported scaling.</summary>
internal static class RopeFrequencies
{
    /// <summary>Radians per position of each channel pair, [headDim/2].</summary>
    public static double[] Compute(int headDim, double theta, RopeScaling? scaling)
    {
        var frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = Math.Pow(theta, -2.0 * i / headDim);
        switch (scaling?.Kind)
        {
            case RopeScalingKind.Linear:
                for (int i = 0; i < frequencies.Length; i++) frequencies[i] /= scaling.Factor;
                break;
            case RopeScalingKind.Llama3:
                for (int i = 0; i < frequencies.Length; i++) frequencies[i] = Llama3(frequencies[i], scaling);
                break;
            case RopeScalingKind.Yarn:
                Yarn(frequencies, headDim, theta, scaling);
                break;
        }

        return frequencies;
    }

    /// <summary>Factor on cosines and sines: 1 except for Yarn.</summary>
    public static double AttentionScale(RopeScaling? scaling)
    {
        if (scaling is not { Kind: RopeScalingKind.Yarn }) return 1;
        if (scaling.AttentionFactor is { } stated) return stated;
        return scaling is { Mscale: { } mscale and not 0, MscaleAllDim: { } allDim and not 0 }
            ? Temperature(scaling.Factor, mscale) / Temperature(scaling.Factor, allDim)
            : Temperature(scaling.Factor, 1);
    }

    private static double Temperature(double factor, double mscale) => factor <= 1 ? 1 : 0.1 * mscale * Math.Log(factor) + 1;

    private static double Llama3(double frequency, RopeScaling scaling)
    {
        double rotations = scaling.OriginalMaxPositions * frequency / (2 * Math.PI);
        if (rotations < scaling.LowFrequencyFactor) return frequency / scaling.Factor;
        if (rotations > scaling.HighFrequencyFactor) return frequency;
        double kept = (rotations - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - kept) * frequency / scaling.Factor + kept * frequency;
    }

    private static void Yarn(double[] frequencies, int headDim, double theta, RopeScaling scaling)
    {
        double low = Channel(scaling.BetaFast), high = Channel(scaling.BetaSlow);
        if (scaling.Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, headDim - 1);
        if (low == high) high += 0.001;
        for (int i = 0; i < frequencies.Length; i++)
        {
            double interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            frequencies[i] = frequencies[i] / scaling.Factor * interpolated + frequencies[i] * (1 - interpolated);
        }

        // The channel pair that makes this many rotations over the original length.
        double Channel(double rotations) =>
            headDim * Math.Log(scaling.OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
