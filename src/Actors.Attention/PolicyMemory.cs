using System.Buffers.Binary;
using System.Text;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// What a policy keeps about a sequence and would otherwise have to replay from all its pages, ready to be stored. Valid until the next operation on the sequence.
/// </summary>
/// <remarks>It names the policy and, by the id of the last page that it covers, tokens, model and tenant: for any other sequence it is a miss.</remarks>
public sealed class PolicyMemory
{
    private const int Version = 1, MaxFingerprintBytes = 1 << 16;
    private readonly string _fingerprint;
    private readonly PageId _lastPage;
    private readonly PolicyReader[] _readers;

    private PolicyMemory(string fingerprint, int tokens, PageId lastPage, PolicyReader[] readers) => (_fingerprint, Tokens, _lastPage, _readers) = (fingerprint, tokens, lastPage, readers);

    /// <summary>Tokens from the start of the sequence that it covers.</summary>
    public int Tokens { get; }

    /// <summary>Writes it. Any thread, while no step uses the sequence.</summary>
    /// <param name="stream">Where to; is not closed.</param>
    /// <exception cref="ObjectDisposedException">The sequence was disposed.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] fingerprint = Encoding.UTF8.GetBytes(_fingerprint), header = new byte[12 + PageId.Bytes + fingerprint.Length];
        BinaryPrimitives.WriteInt32LittleEndian(header, Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), Tokens);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), fingerprint.Length);
        _lastPage.CopyTo(header.AsSpan(12));
        fingerprint.CopyTo(header.AsSpan(12 + PageId.Bytes));
        stream.Write(header);
        foreach (PolicyReader reader in _readers)
            reader.Save(stream);
    }

    /// <summary>What there is to store of readers of a sequence; null for nothing.</summary>
    internal static PolicyMemory? Of(string fingerprint, PageTable table, params PolicyReader[] readers)
    {
        PolicyReader[] keeping = [.. readers.Where(reader => reader.SavedTokens > 0)];
        int tokens = keeping.Select(reader => reader.SavedTokens).DefaultIfEmpty().Max(), pages = KvLayout.PagesFor(tokens);
        return tokens == 0 || pages > table.SealedPages ? null : new(fingerprint, tokens, table.SealedId(pages - 1), keeping);
    }

    /// <summary>Gives readers what was stored for the same policy and tokens.</summary>
    /// <returns>Tokens that it covers; 0 when it was not used.</returns>
    internal static int Read(Stream stream, string fingerprint, PageTable table, params PolicyReader[] readers)
    {
        try
        {
            byte[] header = new byte[12 + PageId.Bytes];
            stream.ReadExactly(header);
            int version = BinaryPrimitives.ReadInt32LittleEndian(header), tokens = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)), length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8));
            if (version != Version || tokens <= 0 || tokens > table.SealedPages * KvLayout.PageTokens || length is < 0 or > MaxFingerprintBytes)
                return 0;
            byte[] name = new byte[length];
            stream.ReadExactly(name);
            if (Encoding.UTF8.GetString(name) != fingerprint || table.SealedId(KvLayout.PagesFor(tokens) - 1) != PageId.Read(header.AsSpan(12)))
                return 0;
            // Readers that keep nothing wrote nothing; the same policy has the same readers.
            return readers.Count(reader => reader.TryLoad(stream)) > 0 ? tokens : 0;
        }
        catch (IOException)
        {
            return 0; // it was only a shortcut
        }
    }
}
