using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Actors.KvCache;

/// <summary>
/// Name of a sealed page by what it was computed from: SHA-256 over the previous page's id, the digest of the
/// <see cref="PageContext"/> and the page's token ids. Two pages with one id hold the same keys and values.
/// </summary>
/// <param name="A">Bytes 0 to 7, little-endian.</param>
/// <param name="B">Bytes 8 to 15, little-endian.</param>
/// <param name="C">Bytes 16 to 23, little-endian.</param>
/// <param name="D">Bytes 24 to 31, little-endian.</param>
public readonly record struct PageId(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Bytes of an id.</summary>
    public const int Bytes = 32;

    /// <summary>The id before the first page of a sequence.</summary>
    public static PageId None => default;

    /// <summary>The id of the page that follows another.</summary>
    /// <param name="previous">Id of the page before, or <see cref="None"/>.</param>
    /// <param name="context">Digest of model, layout, policy and tenant.</param>
    /// <param name="tokens">The page's token ids, [<see cref="KvLayout.PageTokens"/>].</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">The tokens do not fill a page.</exception>
    public static PageId Next(PageId previous, PageId context, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != KvLayout.PageTokens)
            throw new ArgumentException($"A page has {KvLayout.PageTokens} tokens, not {tokens.Length}.", nameof(tokens));

        Span<byte> bytes = stackalloc byte[(2 * Bytes) + (KvLayout.PageTokens * sizeof(int))];
        previous.CopyTo(bytes);
        context.CopyTo(bytes[Bytes..]);
        for (int i = 0; i < tokens.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes[((2 * Bytes) + (i * sizeof(int)))..], tokens[i]);
        return Hash(bytes);
    }

    /// <summary>Reads an id.</summary>
    /// <param name="bytes">At least 32 bytes.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 32 bytes.</exception>
    public static PageId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    /// <summary>Reads an id that <see cref="ToString"/> wrote.</summary>
    /// <param name="text">64 hexadecimal digits.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static PageId Parse(string text)
    {
        byte[] bytes = Convert.FromHexString(text);
        return bytes.Length == Bytes ? Read(bytes) : throw new FormatException($"A page id has {2 * Bytes} hexadecimal digits.");
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, A);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], D);
    }

    /// <summary>The id as 64 lower-case hexadecimal digits.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    internal static PageId Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        SHA256.HashData(bytes, digest);
        return Read(digest);
    }
}
