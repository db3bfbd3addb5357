using System.Buffers.Binary;
using System.Numerics;

namespace Actors.Storage;

/// <summary>CRC-32C (Castagnoli), as the processor computes it, in software where it does not. Thread-safe.</summary>
public static class Crc32C
{
    /// <summary>Checksum of bytes.</summary>
    /// <param name="bytes">Any number of bytes.</param>
    /// <returns>The checksum.</returns>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Checksum of earlier bytes and those that follow them.</summary>
    /// <param name="checksum">Checksum of the earlier bytes; 0 for none.</param>
    /// <param name="bytes">The bytes that follow.</param>
    /// <returns>The checksum of all.</returns>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        // BitOperations uses the SSE 4.2 or Arm instruction where there is one, and a table elsewhere.
        uint crc = ~checksum;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
