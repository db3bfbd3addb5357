using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>All writing of this project, in one place that a test can let fail. Thread-safe.</summary>
internal class DiskWriter
{
    internal static readonly DiskWriter Default = new();

    private const string TemporarySuffix = ".tmp";

    /// <summary>Writes bytes at an offset.</summary>
    internal virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    /// <summary>Makes a file's content durable.</summary>
    internal virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>
    /// Creates or replaces a file so that it has either its old content or the whole new content, whatever happens: temporary name, flush,
    /// rename, flush of the folder.
    /// </summary>
    internal void Replace(string path, Action<SafeFileHandle> writeContent)
    {
        string temporary = path + TemporarySuffix;
        try
        {
            using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                writeContent(file);
                Flush(file);
            }

            File.Move(temporary, path, overwrite: true);
            PosixCalls.FlushFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    internal void Replace(string path, byte[] content) => Replace(path, file => Write(file, content, 0));

    /// <summary>Creates a folder and makes its name durable.</summary>
    internal static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent)) CreateFolder(parent);
        Directory.CreateDirectory(path);
        if (!string.IsNullOrEmpty(parent)) PosixCalls.FlushFolder(parent);
    }

    /// <summary>Removes what an interrupted <see cref="Replace(string, byte[])"/> left.</summary>
    internal static void RemoveTemporaries(string folder)
    {
        foreach (string leftover in Directory.EnumerateFiles(folder, "*" + TemporarySuffix)) TryDelete(leftover);
    }

    /// <summary>Removes a file that nobody needs; one that cannot be removed now is removed another time.</summary>
    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file in use on Windows, or a folder that is going away.
        }
    }
}
