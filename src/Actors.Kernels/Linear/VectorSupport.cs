using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>The vector instructions that the kernels are written for.</summary>
internal enum VectorSupport
{
    /// <summary>None: the reference.</summary>
    Scalar,

    /// <summary>AVX2 and FMA.</summary>
    Vector256,

    /// <summary>AVX-512 F.</summary>
    Vector512,
}

internal static class VectorSupports
{
    extension(VectorSupport)
    {
        /// <summary>What this processor and this process have.</summary>
        public static VectorSupport Widest =>
            Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? VectorSupport.Vector512
            : Avx2.IsSupported && Fma.IsSupported ? VectorSupport.Vector256
            : VectorSupport.Scalar;
    }

    /// <summary>float32 lanes of one vector.</summary>
    public static int Lanes(this VectorSupport support) => support switch
    {
        VectorSupport.Vector512 => 16,
        VectorSupport.Vector256 => 8,
        _ => 1,
    };
}
