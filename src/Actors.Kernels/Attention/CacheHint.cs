using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Actors.Kernels;

/// <summary>Tells the processor what will be read soon. Changes no result; does nothing where there is no such instruction.</summary>
public static class CacheHint
{
    private const int LineBytes = 64;

    /// <summary>Asks for the bytes of a span to be brought near.</summary>
    /// <param name="bytes">Memory that will be read soon.</param>
    public static unsafe void Fetch(ReadOnlySpan<byte> bytes)
    {
        if (!Sse.IsSupported)
            return;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        for (int i = 0; i < bytes.Length; i += LineBytes)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref start, i))); // a stale address is harmless: prefetching never faults
    }
}
