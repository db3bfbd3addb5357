namespace Actors.Server.Hosting;

/// <summary>Finds the checkpoint that is served.</summary>
public static class ModelDirectory
{
    /// <summary>Name of the model that comes with the program.</summary>
    public const string Bundled = "recall-tiny";

    /// <summary>Chooses a directory.</summary>
    /// <param name="configured">What the user named; null for the bundled model.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="DirectoryNotFoundException">The bundled model is neither beside the program nor in a folder above it.</exception>
    public static string Find(string? configured)
    {
        if (configured is not null) return Path.GetFullPath(configured);

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "models", Bundled);
            if (File.Exists(Path.Combine(candidate, "config.json"))) return candidate;
        }

        throw new DirectoryNotFoundException(
            $"The bundled model 'models/{Bundled}' is neither beside the program in '{AppContext.BaseDirectory}' nor in a folder above it. Name a model directory.");
    }
}
