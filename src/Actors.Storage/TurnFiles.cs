namespace Actors.Storage;

/// <summary>
/// One small file for each of the last turns of a session, erased with it. A file is there whole or not at all; losing one loses nothing of the conversation.
/// One owner at a time writes; reading is always safe.
/// </summary>
public sealed class TurnFiles
{
    /// <summary>Turns whose files are kept; a further one replaces the oldest.</summary>
    public const int MostTurns = 32;

    /// <summary>Most bytes of a file.</summary>
    public const int MostBytes = 4 << 20;

    private const string Extension = ".json";
    private readonly string _folder;
    private readonly DiskWriter _disk;
    private readonly Action _createSession;

    internal TurnFiles(string folder, DiskWriter disk, Action createSession) => (_folder, _disk, _createSession) = (folder, disk, createSession);

    /// <summary>Whether a text may name a turn: 1 to 64 characters out of a-z 0-9 and -.</summary>
    /// <param name="turn">The text.</param>
    public static bool IsValidName(string? turn) =>
        turn is { Length: > 0 and <= 64 } && turn.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>Writes the file of a turn, and removes that of the oldest when there are too many.</summary>
    /// <param name="turn">Name of the turn.</param>
    /// <param name="content">Content, at most <see cref="MostBytes"/>.</param>
    /// <exception cref="ArgumentException">The name is not valid, or the content is too long.</exception>
    /// <exception cref="StorageWriteException">It cannot be written.</exception>
    public void Write(string turn, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        string path = PathOf(turn);
        if (content.Length > MostBytes)
            throw new ArgumentException($"The file of a turn has at most {MostBytes} bytes, this one has {content.Length}.", nameof(content));

        _createSession();
        StorageWriteException.Guard(path, () =>
        {
            DiskWriter.CreateFolder(_folder);
            _disk.Replace(path, content);
        });
        foreach (FileInfo old in new DirectoryInfo(_folder).EnumerateFiles("*" + Extension).OrderByDescending(file => (file.LastWriteTimeUtc, file.Name)).Skip(MostTurns))
            DiskWriter.TryDelete(old.FullName);
    }

    /// <summary>Reads the file of a turn.</summary>
    /// <param name="turn">Name of the turn.</param>
    /// <returns>Its content; null when there is none.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public byte[]? Read(string turn)
    {
        try
        {
            return File.ReadAllBytes(PathOf(turn));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string turn) => IsValidName(turn)
        ? Path.Combine(_folder, turn + Extension)
        : throw new ArgumentException("The name of a turn has 1 to 64 characters out of a-z 0-9 and -.", nameof(turn));
}
