using System.Text;
using System.Text.Json;
using Actors.KvCache;

namespace Actors.Storage;

/// <summary>
/// One session on disk: journal, manifest and page files. One owner at a time writes; reading the manifest is always safe. A folder that
/// was never written does not exist on disk.
/// </summary>
public sealed class SessionFolder
{
    private const string NameFile = "name";

    private static readonly Lock[] CommitGates = Enumerable.Range(0, 64).Select(_ => new Lock()).ToArray();

    private readonly string _deleted;
    private readonly DiskWriter _disk;

    internal SessionFolder(string path, string tenant, string session, string deleted, DiskWriter disk)
    {
        Path = path;
        Tenant = tenant;
        Session = session;
        _deleted = deleted;
        _disk = disk;
        Memory = new MemoryFile(System.IO.Path.Combine(path, "memory.bin"), disk, Create);
        Pages = new PageFolder(System.IO.Path.Combine(path, "pages"), disk, Create);
        Receipts = new TurnFiles(System.IO.Path.Combine(path, "receipts"), disk, Create);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Tenant that owns the session.</summary>
    public string Tenant { get; }

    /// <summary>Name of the session.</summary>
    public string Session { get; }

    /// <summary>Whether anything of the session is on disk.</summary>
    public bool Exists => Directory.Exists(Path);

    /// <summary>The session's page files.</summary>
    public IPageStore Pages { get; }

    /// <summary>What answers were drawn from, for the last turns that were asked to say.</summary>
    public TurnFiles Receipts { get; }

    /// <summary>What the session's attention policy keeps.</summary>
    public MemoryFile Memory { get; }

    /// <summary>Path of the journal.</summary>
    public string JournalPath => System.IO.Path.Combine(Path, "journal");

    private string ManifestPath => System.IO.Path.Combine(Path, "manifest.json");

    /// <summary>Opens the journal for appending, creating it when there is none. A torn tail is cut off.</summary>
    /// <returns>The journal; the caller disposes it.</returns>
    /// <exception cref="JournalDamagedException">The journal is damaged before its last record.</exception>
    /// <exception cref="StorageWriteException">It cannot be created.</exception>
    public SessionJournal OpenJournal()
    {
        Create();
        return SessionJournal.Open(JournalPath, _disk);
    }

    /// <summary>The manifest last committed.</summary>
    /// <returns>The manifest, or null when none was committed.</returns>
    /// <exception cref="ManifestDamagedException">It cannot be read.</exception>
    public SessionManifest? ReadManifest()
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(ManifestPath);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            SessionManifest manifest = JsonSerializer.Deserialize(bytes, ManifestJson.Default.SessionManifest)
                ?? throw new ManifestDamagedException(ManifestPath, "it is empty");
            return manifest.Version == 1 ? manifest
                : throw new ManifestDamagedException(ManifestPath, $"its version is {manifest.Version}, this build reads version 1");
        }
        catch (JsonException e)
        {
            throw new ManifestDamagedException(ManifestPath, e.Message, e);
        }
    }

    /// <summary>Makes a manifest the current one, durably. The pages it names must be stored before.</summary>
    /// <param name="manifest">The manifest, with the revision and epoch that its writer knows.</param>
    /// <returns>The manifest with its new revision.</returns>
    /// <exception cref="ManifestConflictException">Another writer committed in between, or has a higher epoch.</exception>
    /// <exception cref="ArgumentException">The manifest is another session's, or larger than <see cref="SessionManifest.MaxBytes"/>.</exception>
    /// <exception cref="StorageWriteException">It cannot be written; the one before stays current.</exception>
    public SessionManifest CommitManifest(SessionManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Tenant != Tenant || manifest.Session != Session)
            throw new ArgumentException($"The manifest is of session '{manifest.Session}', this folder of '{Session}'.", nameof(manifest));

        Create();
        lock (CommitGates[(uint)string.GetHashCode(Path, StringComparison.Ordinal) % CommitGates.Length])
        {
            SessionManifest? current = ReadManifest();
            if (manifest.Revision != (current?.Revision ?? 0) || manifest.Epoch < (current?.Epoch ?? 0))
            {
                throw new ManifestConflictException(
                    ManifestPath, manifest.Revision, current?.Revision ?? 0, manifest.Epoch, current?.Epoch ?? 0);
            }

            SessionManifest next = manifest with { Revision = manifest.Revision + 1 };
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(next, ManifestJson.Default.SessionManifest);
            if (bytes.Length > SessionManifest.MaxBytes)
            {
                throw new ArgumentException(
                    $"The manifest has {bytes.Length} bytes; the limit is {SessionManifest.MaxBytes}. Keep large data out of its properties.",
                    nameof(manifest));
            }

            StorageWriteException.Guard(ManifestPath, () => _disk.Replace(ManifestPath, bytes));
            return next;
        }
    }

    /// <summary>Deletes the session with all its files, safely at any instant: first its name goes, then the files.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Delete()
    {
        if (!Exists) return false;
        DiskWriter.CreateFolder(_deleted);
        string tombstone = System.IO.Path.Combine(_deleted, Guid.NewGuid().ToString("n"));
        Directory.Move(Path, tombstone);
        PosixCalls.FlushFolder(System.IO.Path.GetDirectoryName(Path)!);
        PosixCalls.FlushFolder(_deleted);
        Directory.Delete(tombstone, recursive: true);
        return true;
    }

    internal static (string Tenant, string Session)? TryReadName(string folder)
    {
        string path = System.IO.Path.Combine(folder, NameFile);
        if (!File.Exists(path)) return null;
        try
        {
            string[] names = JsonSerializer.Deserialize(File.ReadAllBytes(path), NameJson.Default.StringArray) ?? [];
            return names.Length == 2 ? (names[0], names[1]) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Create()
    {
        string name = System.IO.Path.Combine(Path, NameFile);
        if (File.Exists(name)) return;
        StorageWriteException.Guard(Path, () =>
        {
            DiskWriter.CreateFolder(Path);
            _disk.Replace(name, JsonSerializer.SerializeToUtf8Bytes([Tenant, Session], NameJson.Default.StringArray));
        });
    }
}
