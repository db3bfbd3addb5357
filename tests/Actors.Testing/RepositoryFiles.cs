namespace Actors.Testing;

/// <summary>Finds files of the repository from wherever the tests run.</summary>
public static class RepositoryFiles
{
    /// <summary>Names of the tiny checkpoints with reference logits, under <c>models/reference</c>.</summary>
    public static readonly IReadOnlyList<string> ReferenceNames = ["linear", "llama", "llama3scaled", "mistral", "qwen2", "qwen3", "yarn"];

    /// <summary>Directory that holds Actors.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Directory of the bundled model.</summary>
    public static string BundledModel => Path.Combine(Root, "models", "recall-tiny");

    /// <summary>Directory of one tiny checkpoint: config.json, model.safetensors and expected.json with float64 logits.</summary>
    public static string Reference(string name) => Path.Combine(Root, "models", "reference", name);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Actors.sln"))) return directory.FullName;
        }

        throw new DirectoryNotFoundException($"No directory above {AppContext.BaseDirectory} holds Actors.sln.");
    }
}
