namespace Actors.Models;

/// <summary>
/// A Hugging Face model directory, opened for reading: configuration and mapped weights, checked against each other. Owns the mapping;
/// reading is thread-safe. Everything that uses <see cref="Tensors"/> must be disposed before.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private Checkpoint(string directory, ModelConfig config, SafeTensors tensors)
    {
        Directory = directory;
        Config = config;
        Tensors = tensors;
        Fingerprint = CheckpointFingerprint.Compute(config, tensors);
    }

    /// <summary>Full path of the directory.</summary>
    public string Directory { get; }

    /// <summary>Name of the directory.</summary>
    public string Name => Path.GetFileName(Directory);

    /// <summary>Configuration.</summary>
    public ModelConfig Config { get; }

    /// <summary>Mapped weights; disposed together with this object.</summary>
    public SafeTensors Tensors { get; }

    /// <summary>
    /// Identity of the model for caches, 64 lowercase hex digits: SHA-256 over configuration, tensor names, types and shapes, and samples of
    /// every tensor (beginning, middle, end). Equal for a single file and its shards. Samples catch retrained and damaged weights
    /// cheaply; a forged file of the same samples is not detected.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">Directory with config.json, safetensors weights and tokenizer.json.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="CheckpointException">The directory, a file or a tensor is missing, damaged, contradictory or of an unsupported kind.</exception>
    public static Checkpoint Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (!System.IO.Directory.Exists(directory))
            throw new CheckpointException(directory, "does not exist or is not a directory. Give the directory of a Hugging Face checkpoint.");
        var config = ModelConfigReader.Read(directory);
        var tensors = SafeTensors.Open(directory);
        try
        {
            foreach (var (name, shape) in CheckpointTensors.Expected(config)) tensors.Get(name, shape);
            return new Checkpoint(directory, config, tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the weights.</summary>
    public void Dispose() => Tensors.Dispose();
}
