namespace Actors.Testing;

/// <summary>A directory of its own for one test, removed afterwards.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    /// <summary>Creates an empty directory in the system's temporary folder.</summary>
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("actors-").FullName;

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Full path of an entry, which need not exist.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>Copies all files of a directory, not its subdirectories.</summary>
    public TemporaryDirectory CopyFrom(string directory)
    {
        foreach (string file in Directory.GetFiles(directory)) System.IO.File.Copy(file, File(System.IO.Path.GetFileName(file)));
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
