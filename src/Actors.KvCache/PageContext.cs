using System.Buffers.Binary;
using System.Text;

namespace Actors.KvCache;

/// <summary>
/// What, besides the tokens, decides the content of a page and who may share it. A different model, layout, policy or tenant gives
/// different page ids, so such a page is a miss and never a misload. Immutable.
/// </summary>
/// <param name="ModelFingerprint">Identifies the weights.</param>
/// <param name="PolicyFingerprint">Identifies the attention policy with its options.</param>
/// <param name="TenantSalt">Pages are shared only between sequences of one salt.</param>
public sealed record PageContext(string ModelFingerprint, string PolicyFingerprint, string TenantSalt)
{
    /// <summary>Digest that goes into every page id.</summary>
    /// <param name="layout">Layout of the pages.</param>
    /// <returns>The digest.</returns>
    public PageId Digest(KvLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var bytes = new MemoryStream();
        foreach (int number in (ReadOnlySpan<int>)[1, layout.Layers, layout.KvHeads, layout.HeadDim, (int)layout.Format])
            Append(bytes, number);
        foreach (string text in (string[])[ModelFingerprint, PolicyFingerprint, TenantSalt])
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            Append(bytes, utf8.Length);
            bytes.Write(utf8);
        }

        return PageId.Hash(bytes.ToArray());
    }

    /// <summary>Digest of a sequence that goes on under another context from a token on: like no other sequence's.</summary>
    internal static PageId Changed(PageId from, PageId to, int tokenCount)
    {
        Span<byte> bytes = stackalloc byte[(2 * PageId.Bytes) + sizeof(int)];
        from.CopyTo(bytes);
        to.CopyTo(bytes[PageId.Bytes..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(2 * PageId.Bytes)..], tokenCount);
        return PageId.Hash(bytes);
    }

    private static void Append(MemoryStream bytes, int number)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(four, number);
        bytes.Write(four);
    }
}
