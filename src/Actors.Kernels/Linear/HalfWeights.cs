namespace Actors.Kernels;

internal static class HalfWeights
{
    /// <summary>2^112 = 2^(127 - 15).</summary>
    public const float BiasScale = 5.192296858534828e33f;
}
