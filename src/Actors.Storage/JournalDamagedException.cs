namespace Actors.Storage;

/// <summary>A journal is damaged before its last record, so that a part of the conversation cannot be read.</summary>
public sealed class JournalDamagedException : IOException
{
    internal JournalDamagedException(string path, long offset, string cause)
        : base($"The journal '{path}' is damaged at byte {offset}: {cause}. Restore the file from a copy; records before that byte are intact.")
    {
        Path = path;
        Offset = offset;
    }

    /// <summary>The journal.</summary>
    public string Path { get; }

    /// <summary>Byte at which the damaged record begins.</summary>
    public long Offset { get; }
}
