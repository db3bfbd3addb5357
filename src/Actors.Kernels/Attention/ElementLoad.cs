using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>Loads stored elements as fp32. One struct per element type lets one kernel body serve all of them without virtual calls.</summary>
internal interface IElementLoad
{
    static abstract int Bytes { get; }

    static abstract Vector512<float> Load16(ref byte source, nuint element);

    static abstract float Load(ref byte source, nuint element);
}

internal readonly struct Float32Load : IElementLoad
{
    public static int Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load16(ref byte source, nuint element) => Vector512.LoadUnsafe(ref Unsafe.As<byte, float>(ref source), element);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref byte source, nuint element) => Unsafe.Add(ref Unsafe.As<byte, float>(ref source), element);
}

internal readonly struct BFloat16Load : IElementLoad
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load16(ref byte source, nuint element)
    {
        Vector256<ushort> raw = Vector256.LoadUnsafe(ref Unsafe.As<byte, ushort>(ref source), element);
        return Widening.ToInt32(raw).ShiftLeft(16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref byte source, nuint element)
        => BitConverter.Int32BitsToSingle(Unsafe.Add(ref Unsafe.As<byte, ushort>(ref source), element) << 16);
}

/// <summary>
/// No conversion instruction for binary16 is exposed by the runtime: exponent and mantissa are shifted into place and the bias is
/// corrected by one exact multiplication, which also makes subnormals right.
/// </summary>
internal readonly struct Float16Load : IElementLoad
{
    private const float BiasCorrection = 5.192296858534828e33f; // 2^112

    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load16(ref byte source, nuint element)
    {
        Vector256<ushort> raw = Vector256.LoadUnsafe(ref Unsafe.As<byte, ushort>(ref source), element);
        // Sign-extended and shifted by 13, sign and magnitude stand in place; the two copies of the sign between them are masked away.
        Vector512<int> bits = Widening.ToInt32Signed(raw.AsInt16()).ShiftLeft(13) & Vector512.Create(unchecked((int)0x8FFFFFFF));
        return bits.AsSingle() * Vector512.Create(BiasCorrection);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref byte source, nuint element)
    {
        int raw = Unsafe.Add(ref Unsafe.As<byte, short>(ref source), element);
        return BitConverter.Int32BitsToSingle((raw << 13) & unchecked((int)0x8FFFFFFF)) * BiasCorrection;
    }
}

internal static class Widening
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ToInt32(Vector256<ushort> raw)
        => System.Runtime.Intrinsics.X86.Avx512F.IsSupported
            ? System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(raw)
            : Vector512.Create(Vector256.WidenLower(raw).AsInt32(), Vector256.WidenUpper(raw).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ToInt32Signed(Vector256<short> raw)
        => System.Runtime.Intrinsics.X86.Avx512F.IsSupported
            ? System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(raw)
            : Vector512.Create(Vector256.WidenLower(raw), Vector256.WidenUpper(raw));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftLeft(this Vector512<int> value, int bits) => Vector512.ShiftLeft(value, bits);
}
