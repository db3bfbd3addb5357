using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>Widens 32 consecutive stored weights to float32: the 16 with even and the 16 with odd indices.</summary>
/// <remarks>Splitting by parity is what makes widening nearly free: two 16-bit weights share one 32-bit lane, so one shift yields the even
/// ones and one mask the odd ones, with no shuffle. <see cref="PackedRows"/> stores the activations in the same order.</remarks>
internal unsafe interface IWideWeight512
{
    static abstract int Bytes { get; }

    static abstract Vector512<float> Even(byte* weights);

    static abstract Vector512<float> Odd(byte* weights);
}

internal readonly unsafe struct WideBFloat512 : IWideWeight512
{
    public static int Bytes => 2;

    public static Vector512<float> Even(byte* weights) => (Vector512.Load((uint*)weights) << 16).AsSingle();

    public static Vector512<float> Odd(byte* weights) => (Vector512.Load((uint*)weights) & Vector512.Create(0xFFFF0000)).AsSingle();
}

/// <summary>Moves sign, exponent and mantissa to their float32 places and multiplies by 2^112, the difference of the exponent biases.
/// Exact for every finite number; infinities become 65536.</summary>
internal readonly unsafe struct WideHalf512 : IWideWeight512
{
    public static int Bytes => 2;

    public static Vector512<float> Even(byte* weights) => Widen(Vector512.Load((int*)weights) << 16);

    public static Vector512<float> Odd(byte* weights) => Widen(Vector512.Load((int*)weights));

    private static Vector512<float> Widen(Vector512<int> upperHalves) =>
        ((upperHalves >> 3) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(HalfWeights.BiasScale);
}

internal readonly unsafe struct WideFloat512 : IWideWeight512
{
    public static int Bytes => 4;

    public static Vector512<float> Even(byte* weights) => Pick((float*)weights, LaneOrder.Even512);

    public static Vector512<float> Odd(byte* weights) => Pick((float*)weights, LaneOrder.Odd512);

    private static Vector512<float> Pick(float* weights, Vector512<int> indices) =>
        System.Runtime.Intrinsics.X86.Avx512F.PermuteVar16x32x2(Vector512.Load(weights), indices, Vector512.Load(weights + 16));
}
