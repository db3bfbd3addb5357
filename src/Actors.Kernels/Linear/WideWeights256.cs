using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>As <see cref="IWideWeight512"/>, for 16 consecutive weights.</summary>
internal unsafe interface IWideWeight256
{
    static abstract int Bytes { get; }

    static abstract Vector256<float> Even(byte* weights);

    static abstract Vector256<float> Odd(byte* weights);
}

internal readonly unsafe struct WideBFloat256 : IWideWeight256
{
    public static int Bytes => 2;

    public static Vector256<float> Even(byte* weights) => (Vector256.Load((uint*)weights) << 16).AsSingle();

    public static Vector256<float> Odd(byte* weights) => (Vector256.Load((uint*)weights) & Vector256.Create(0xFFFF0000)).AsSingle();
}

/// <inheritdoc cref="WideHalf512"/>
internal readonly unsafe struct WideHalf256 : IWideWeight256
{
    public static int Bytes => 2;

    public static Vector256<float> Even(byte* weights) => Widen(Vector256.Load((int*)weights) << 16);

    public static Vector256<float> Odd(byte* weights) => Widen(Vector256.Load((int*)weights));

    private static Vector256<float> Widen(Vector256<int> upperHalves) =>
        ((upperHalves >> 3) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector256.Create(HalfWeights.BiasScale);
}

internal readonly unsafe struct WideFloat256 : IWideWeight256
{
    public static int Bytes => 4;

    public static Vector256<float> Even(byte* weights) => Pick((float*)weights, 0b10_00_10_00);

    public static Vector256<float> Odd(byte* weights) => Pick((float*)weights, 0b11_01_11_01);

    private static Vector256<float> Pick(float* weights, [System.Diagnostics.CodeAnalysis.ConstantExpected] byte parity) =>
        Avx2.Permute4x64(Avx.Shuffle(Vector256.Load(weights), Vector256.Load(weights + 8), parity).AsDouble(), 0b11_01_10_00).AsSingle();
}
