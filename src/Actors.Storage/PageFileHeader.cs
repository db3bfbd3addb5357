using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Actors.KvCache;

namespace Actors.Storage;

/// <summary>The first bytes of a page file; docs/storage-format.md describes them.</summary>
internal sealed record PageFileHeader(
    KvLayout Layout, PageId Model, int FirstPage, PageId Previous, PageFileEntry[] Entries)
{
    internal const int MaxPages = KvLayout.PageTokens;
    internal const int FixedBytes = 128;

    private const int EntryBytes = 72;
    private const int Alignment = 4096;
    private const int PageAlignment = 64;

    private static readonly byte[] Magic = "ACTP"u8.ToArray();

    internal int Bytes => HeaderBytes(Entries.Length);

    internal long PageStride => Stride(Layout);

    internal long FileBytes => Bytes + (Entries.Length * PageStride);

    internal long Offset(int index) => Bytes + (index * PageStride);

    internal static PageId Digest(string modelFingerprint) => PageId.Read(SHA256.HashData(Encoding.UTF8.GetBytes(modelFingerprint)));

    internal byte[] Encode()
    {
        var bytes = new byte[Bytes];
        Magic.CopyTo(bytes, 0);
        Span<int> numbers =
        [
            1, Bytes, 0, Layout.Layers, Layout.KvHeads, Layout.HeadDim, (int)Layout.Format,
            Layout.PageBytes, KvLayout.PageTokens, KvLayout.GroupTokens, Entries.Length, FirstPage,
        ];
        for (int i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), numbers[i]);
        Model.CopyTo(bytes.AsSpan(64));
        Previous.CopyTo(bytes.AsSpan(96));
        for (int i = 0; i < Entries.Length; i++)
        {
            Span<byte> entry = bytes.AsSpan(FixedBytes + (i * EntryBytes), EntryBytes);
            Entries[i].Id.CopyTo(entry);
            Entries[i].Context.CopyTo(entry[32..]);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[64..], Entries[i].Checksum);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32C.Compute(bytes));
        return bytes;
    }

    /// <summary>Bytes to read before the size of the whole header is known, and how many there are then.</summary>
    /// <exception cref="PageCorruptException">These are not the first bytes of a page file.</exception>
    internal static int ReadSize(string path, ReadOnlySpan<byte> start)
    {
        if (start.Length < FixedBytes || !start.StartsWith(Magic)) throw new PageCorruptException(path, "it does not begin like a page file.");
        int version = Int(start, 4);
        if (version != 1) throw new PageCorruptException(path, $"its version is {version}; this build reads version 1.");
        int bytes = Int(start, 8);
        int pages = Int(start, 44);
        if (pages is < 1 or > MaxPages || bytes != HeaderBytes(pages))
            throw new PageCorruptException(path, $"its header says {pages} pages in {bytes} bytes.");
        return bytes;
    }

    /// <exception cref="PageCorruptException">The header does not match its checksum or contradicts itself.</exception>
    internal static PageFileHeader Decode(string path, byte[] bytes)
    {
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), 0);
        uint actual = Crc32C.Compute(bytes);
        if (actual != expected) throw new PageCorruptException(path, $"the checksum of its header is {actual:x8}, expected {expected:x8}.");

        KvLayout layout;
        try
        {
            layout = new KvLayout(Int(bytes, 16), Int(bytes, 20), Int(bytes, 24), (KvFormat)Int(bytes, 28));
        }
        catch (ArgumentException e)
        {
            throw new PageCorruptException(path, $"its layout is impossible ({e.Message}).");
        }

        if (Int(bytes, 32) != layout.PageBytes || Int(bytes, 36) != KvLayout.PageTokens || Int(bytes, 40) != KvLayout.GroupTokens || Int(bytes, 48) < 0)
            throw new PageCorruptException(path, "its page geometry is not that of this version.");
        var entries = new PageFileEntry[Int(bytes, 44)];
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> entry = bytes.AsSpan(FixedBytes + (i * EntryBytes), EntryBytes);
            entries[i] = new PageFileEntry(
                PageId.Read(entry), PageId.Read(entry[32..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[64..]));
        }

        return new PageFileHeader(layout, PageId.Read(bytes.AsSpan(64)), Int(bytes, 48), PageId.Read(bytes.AsSpan(96)), entries);
    }

    private static int HeaderBytes(int pages) => (FixedBytes + (pages * EntryBytes) + Alignment - 1) / Alignment * Alignment;

    private static long Stride(KvLayout layout) => ((long)layout.PageBytes + PageAlignment - 1) / PageAlignment * PageAlignment;

    private static int Int(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt32LittleEndian(bytes[offset..]);
}
