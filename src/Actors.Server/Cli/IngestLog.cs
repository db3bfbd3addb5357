using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Actors.Server.Cli;

/// <summary>
/// Remembers which part of which file is in which session, so that an ingest that was cut off goes on where it stopped and a file does not
/// get in twice by accident. One small JSON file per (server or data folder, session, contents). Not for concurrent use of one entry.
/// </summary>
internal sealed class IngestLog
{
    private readonly string _path;

    private IngestLog(string path, IngestLogEntry? entry)
    {
        _path = path;
        Entry = entry;
    }

    /// <summary>What is known, or null for a file that was never ingested there.</summary>
    public IngestLogEntry? Entry { get; private set; }

    /// <summary>Finds the entry of a file.</summary>
    /// <param name="folder">Where entries are kept; made when needed.</param>
    /// <param name="place">Data folder or server.</param>
    /// <param name="session">Name of the session.</param>
    /// <param name="fileHash">SHA-256 of the file.</param>
    public static IngestLog Open(string folder, string place, string session, ReadOnlySpan<byte> fileHash)
    {
        Directory.CreateDirectory(folder);
        byte[] key = [.. Encoding.UTF8.GetBytes($"{place}\n{session}\n"), .. fileHash];
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 16)) + ".json");
        return new IngestLog(path, Read(path));
    }

    /// <summary>Replaces the entry; it is either whole or the old one after a crash.</summary>
    public void Write(IngestLogEntry entry)
    {
        string temporary = _path + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(entry));
        File.Move(temporary, _path, overwrite: true);
        Entry = entry;
    }

    private static IngestLogEntry? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<IngestLogEntry>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
