using System.Buffers.Binary;
using System.Text;

namespace Actors.Storage;

/// <summary>Small named documents with ETags, each replaced as a whole. Thread-safe.</summary>
public sealed class DocumentStore
{
    private const int MaxBytes = 16 << 20;
    private const int FrameBytes = 24;
    private const string Extension = ".doc";

    private static readonly byte[] Magic = "ACTD"u8.ToArray();

    private readonly Lock[] _gates = Enumerable.Range(0, 64).Select(_ => new Lock()).ToArray();
    private readonly string _folder;
    private readonly DiskWriter _disk;

    internal DocumentStore(string folder, DiskWriter disk)
    {
        _folder = folder;
        _disk = disk;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="name">Name, 1 to 1,024 characters.</param>
    /// <returns>The document, or null when there is none.</returns>
    /// <exception cref="DocumentDamagedException">The file is damaged.</exception>
    public StoredDocument? Read(string name)
    {
        string path = PathOf(name);
        lock (Gate(name)) return ReadFile(path, name);
    }

    /// <summary>Creates or replaces a document, durably.</summary>
    /// <param name="name">Name, 1 to 1,024 characters.</param>
    /// <param name="content">Content, at most 16 MiB.</param>
    /// <param name="etag">ETag of the version to replace, or null to create.</param>
    /// <returns>The new ETag.</returns>
    /// <exception cref="DocumentConflictException">The present version is another one.</exception>
    /// <exception cref="StorageWriteException">It cannot be written; the version before stays.</exception>
    public string Write(string name, ReadOnlySpan<byte> content, string? etag)
    {
        if (content.Length > MaxBytes)
            throw new ArgumentException($"A document has at most {MaxBytes} bytes, this one has {content.Length}.", nameof(content));

        string path = PathOf(name);
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        var file = new byte[FrameBytes + nameBytes.Length + content.Length];
        content.CopyTo(file.AsSpan(FrameBytes + nameBytes.Length));
        nameBytes.CopyTo(file, FrameBytes);
        lock (Gate(name))
        {
            StoredDocument? present = ReadFile(path, name);
            RequireSame(name, etag, present?.ETag);
            long revision = long.Parse(present?.ETag ?? "0") + 1;
            Magic.CopyTo(file, 0);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 1);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(8), revision);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), nameBytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), Checksum(file));
            StorageWriteException.Guard(path, () =>
            {
                DiskWriter.CreateFolder(_folder);
                _disk.Replace(path, file);
            });
            return revision.ToString();
        }
    }

    /// <summary>Deletes a document.</summary>
    /// <param name="name">Name.</param>
    /// <param name="etag">ETag of the version to delete.</param>
    /// <exception cref="DocumentConflictException">The present version is another one, or there is none.</exception>
    public void Delete(string name, string etag)
    {
        string path = PathOf(name);
        lock (Gate(name))
        {
            RequireSame(name, etag, ReadFile(path, name)?.ETag);
            StorageWriteException.Guard(path, () =>
            {
                File.Delete(path);
                PosixCalls.FlushFolder(_folder);
            });
        }
    }

    /// <summary>The names of all documents, in ordinal order.</summary>
    /// <param name="prefix">What the names begin with; empty for all.</param>
    /// <returns>The names.</returns>
    public IReadOnlyList<string> List(string prefix = "")
    {
        var names = new List<string>();
        if (!Directory.Exists(_folder)) return names;
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Extension))
        {
            if (Parse(path) is { } document && document.Name.StartsWith(prefix, StringComparison.Ordinal)) names.Add(document.Name);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static void RequireSame(string name, string? expected, string? present)
    {
        if (expected != present) throw new DocumentConflictException(name, expected, present);
    }

    private static StoredDocument? ReadFile(string path, string name)
    {
        StoredDocument? document = Parse(path);
        if (document is not null && document.Name != name) throw new DocumentDamagedException(path, $"it holds '{document.Name}'");
        return document;
    }

    private static StoredDocument? Parse(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        if (file.Length < FrameBytes || !file.AsSpan().StartsWith(Magic) || BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)) != 1)
            throw new DocumentDamagedException(path, "it does not begin like a document of version 1");
        int nameBytes = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(16));
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(20));
        if (expected != Checksum(file)) throw new DocumentDamagedException(path, $"its checksum is {Checksum(file):x8}, expected {expected:x8}");
        return new StoredDocument(
            Encoding.UTF8.GetString(file, FrameBytes, nameBytes),
            file[(FrameBytes + nameBytes)..],
            BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(8)).ToString());
    }

    private static uint Checksum(ReadOnlySpan<byte> file) => Crc32C.Append(Crc32C.Compute(file[..20]), file[FrameBytes..]);

    private Lock Gate(string name) => _gates[(uint)string.GetHashCode(name, StringComparison.Ordinal) % _gates.Length];

    private string PathOf(string name) => Path.Combine(_folder, PathNames.Encode(name, nameof(name)) + Extension);
}
