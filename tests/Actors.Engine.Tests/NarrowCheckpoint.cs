using Actors.Testing;

namespace Actors.Engine.Tests;

/// <summary>A copy of a reference checkpoint that says it was trained on few tokens, so that policies choose distant keys early.</summary>
internal sealed class NarrowCheckpoint : IDisposable
{
    public NarrowCheckpoint(int trainedWindow, string checkpoint = "llama")
    {
        Directory.CreateDirectory(Path);
        foreach (string file in Directory.GetFiles(RepositoryFiles.Reference(checkpoint)))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        File.WriteAllText(System.IO.Path.Combine(Path, "actors.json"), $$"""{ "trained_window": {{trainedWindow}} }""");
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "actors-narrow-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
