namespace Actors.Storage;

/// <summary>
/// Everything durable of one server, under one folder: sessions by tenant, and documents. One process at a time owns it. Thread-safe.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string FormatLine = "actors data 1";

    private readonly FileStream _lock;
    private readonly DiskWriter _disk;
    private readonly string _sessions;
    private readonly string _deleted;

    private DataFolder(string path, FileStream @lock, DiskWriter disk)
    {
        Path = path;
        _lock = @lock;
        _disk = disk;
        _sessions = System.IO.Path.Combine(path, "sessions");
        _deleted = System.IO.Path.Combine(path, "deleted");
        Documents = new DocumentStore(System.IO.Path.Combine(path, "documents"), disk);
    }

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>Small named documents of the server.</summary>
    public DocumentStore Documents { get; }

    /// <summary>Opens a data folder, creating it when there is none, and owns it until disposed.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The open folder.</returns>
    /// <exception cref="DataFolderInUseException">Another process owns it.</exception>
    /// <exception cref="DataFolderFormatException">It was written by another version, or is no data folder.</exception>
    /// <exception cref="IOException">It cannot be created or read.</exception>
    public static DataFolder Open(string path) => Open(path, DiskWriter.Default);

    /// <summary>One session's folder. Nothing is created until something is written.</summary>
    /// <param name="tenant">Tenant, any text of 1 to 1,024 characters.</param>
    /// <param name="session">Session, any text of 1 to 1,024 characters.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="ArgumentException">A name is empty or too long.</exception>
    public SessionFolder Session(string tenant, string session) => new(
        System.IO.Path.Combine(TenantPath(tenant), PathNames.Encode(session, nameof(session))), tenant, session, _deleted, _disk);

    /// <summary>The sessions of one tenant that exist, in order of name.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>The sessions; one whose manifest cannot be read has none.</returns>
    public IReadOnlyList<SessionEntry> List(string tenant)
    {
        string folder = TenantPath(tenant);
        var entries = new List<SessionEntry>();
        if (!Directory.Exists(folder)) return entries;
        foreach (string path in Directory.EnumerateDirectories(folder))
        {
            if (SessionFolder.TryReadName(path) is not { } name || name.Tenant != tenant) continue;
            SessionFolder session = Session(tenant, name.Session);
            SessionManifest? manifest = null;
            try
            {
                manifest = session.ReadManifest();
            }
            catch (ManifestDamagedException)
            {
                // Listed without details; opening the session reports the damage.
            }

            entries.Add(new SessionEntry(tenant, name.Session, manifest));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Session, b.Session));
        return entries;
    }

    /// <summary>Deletes a session with all its files. The session must not be in use.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="session">The session.</param>
    /// <returns>Whether there was such a session.</returns>
    public bool Delete(string tenant, string session) => Session(tenant, session).Delete();

    /// <summary>Gives the folder up.</summary>
    public void Dispose() => _lock.Dispose();

    internal static DataFolder Open(string path, DiskWriter disk)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        DiskWriter.CreateFolder(path);
        FileStream held = TakeLock(path, disk);
        try
        {
            CheckFormat(path, disk);
            var folder = new DataFolder(path, held, disk);
            folder.FinishDeletions();
            return folder;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static FileStream TakeLock(string path, DiskWriter disk)
    {
        string owner = System.IO.Path.Combine(path, "owner");
        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            string? process = File.Exists(owner) ? File.ReadAllText(owner).Trim() : null;
            throw new DataFolderInUseException(path, process, e);
        }

        try
        {
            disk.Replace(owner, System.Text.Encoding.UTF8.GetBytes($"{Environment.ProcessId}\n"));
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static void CheckFormat(string path, DiskWriter disk)
    {
        string format = System.IO.Path.Combine(path, "format");
        if (!File.Exists(format))
        {
            if (Directory.Exists(System.IO.Path.Combine(path, "sessions")))
                throw new DataFolderFormatException(path, "it has sessions but no format file");
            disk.Replace(format, System.Text.Encoding.UTF8.GetBytes(FormatLine + "\n"));
            return;
        }

        string found = File.ReadAllText(format).Trim();
        if (found != FormatLine) throw new DataFolderFormatException(path, $"its format is '{found}', this version reads '{FormatLine}'");
    }

    private void FinishDeletions()
    {
        if (Directory.Exists(_deleted)) Directory.Delete(_deleted, recursive: true);
    }

    private string TenantPath(string tenant) => System.IO.Path.Combine(_sessions, PathNames.Encode(tenant, nameof(tenant)));
}
