namespace Actors.Storage;

/// <summary>
/// The page files of one session that somebody may read: they stay on disk until they are closed, because a file is mapped only when it is
/// first read. Thread-safe; closing does no work on the disk.
/// </summary>
internal sealed class PageFilesInUse
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _superseded = new(StringComparer.Ordinal);

    internal PageFile Open(string path, PageFileHeader header)
    {
        lock (_gate)
        {
            _open[path] = _open.GetValueOrDefault(path) + 1;
            _superseded.Remove(path);
        }

        return new PageFile(path, header, Close);
    }

    internal bool IsOpen(string path)
    {
        lock (_gate) return _open.ContainsKey(path);
    }

    /// <summary>Has a file deleted once nobody reads it.</summary>
    internal void Supersede(string path)
    {
        lock (_gate) _superseded.Add(path);
    }

    internal void DeleteSuperseded()
    {
        List<string> paths;
        lock (_gate)
        {
            paths = _superseded.Where(path => !_open.ContainsKey(path)).ToList();
            _superseded.ExceptWith(paths);
        }

        foreach (string path in paths) DiskWriter.TryDelete(path);
    }

    private void Close(string path)
    {
        lock (_gate)
        {
            if (--_open[path] == 0) _open.Remove(path);
        }
    }
}
