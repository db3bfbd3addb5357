using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Actors.Models;

/// <summary>
/// The tensors of a checkpoint: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names. Files are
/// memory-mapped and never copied whole. Headers are checked fully when opened; values are not scanned. Reading is thread-safe.
/// A file must not be shortened while it is mapped: the system then ends the process at the next read.
/// </summary>
public sealed unsafe class SafeTensors : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const long MaxIndexBytes = 64 << 20;
    private const int MaxShards = 10_000;
    private readonly string _directory;
    private readonly List<MappedFile> _files = [];
    private readonly Dictionary<string, SafeTensorsEntry> _entries = new(StringComparer.Ordinal);

    private SafeTensors(string directory) => _directory = directory;

    /// <summary>Paths of the mapped files, in the order of their names.</summary>
    public IReadOnlyList<string> Files => _files.ConvertAll(file => file.Path);

    /// <summary>Names of all tensors, in no particular order.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    internal IReadOnlyList<MappedFile> MappedFiles => _files;

    internal IReadOnlyCollection<SafeTensorsEntry> Entries => _entries.Values;

    /// <summary>Maps the tensors of a directory.</summary>
    /// <param name="directory">Hugging Face checkpoint directory.</param>
    /// <exception cref="CheckpointException">No weights, a shard is missing, or a file is damaged.</exception>
    public static SafeTensors Open(string directory)
    {
        var tensors = new SafeTensors(directory);
        try
        {
            string single = Path.Combine(directory, SingleFile), index = Path.Combine(directory, IndexFile);
            if (File.Exists(single)) tensors.Map(single);
            else if (File.Exists(index)) tensors.MapShards(index);
            else throw new CheckpointException(directory, $"holds neither {SingleFile} nor {IndexFile}. Only safetensors weights are read.");
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="view">The tensor; valid until this object is disposed.</param>
    /// <returns>False when no file holds it.</returns>
    /// <exception cref="CheckpointException">It is there, but not BF16, F16 or F32.</exception>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorView? view)
    {
        view = null;
        if (!_entries.TryGetValue(name, out var entry)) return false;
        var type = entry.Type ?? throw new CheckpointException(
            entry.File.Path, $"tensor '{name}' has dtype {entry.Dtype}; only BF16, F16 and F32 are read.");
        view = new TensorView(name, entry.File.Path, type, entry.Shape, entry.File.Pointer + entry.Begin, entry.End - entry.Begin);
        return true;
    }

    /// <summary>Finds a tensor that must be there in this shape.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="shape">Expected elements per dimension.</param>
    /// <returns>The tensor; valid until this object is disposed.</returns>
    /// <exception cref="CheckpointException">It is missing, of another shape, or not BF16, F16 or F32.</exception>
    public TensorView Get(string name, params ReadOnlySpan<int> shape)
    {
        if (!TryGet(name, out var view))
            throw new CheckpointException(_directory, $"tensor '{name}' [{string.Join(", ", shape.ToArray())}] is missing. The checkpoint is incomplete or config.json is of another model.");
        if (!shape.SequenceEqual(_entries[name].Shape))
            throw new CheckpointException(view.File, $"tensor '{name}' has shape [{string.Join(", ", view.Shape)}], but config.json asks for [{string.Join(", ", shape.ToArray())}].");
        return view;
    }

    /// <summary>Unmaps the files; every <see cref="TensorView"/> is invalid afterwards.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void MapShards(string index)
    {
        var map = JsonFields.Load(index, MaxIndexBytes).Object("weight_map") ?? throw new CheckpointException(index, "weight_map is missing.");
        var shards = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var property in map.Element.EnumerateObject())
        {
            string? shard = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
            if (string.IsNullOrEmpty(shard) || shard is "." or ".." || shard.AsSpan().ContainsAny('/', '\\', '\0'))
                throw map.Wrong(property.Name, property.Value, "the name of a file in the same directory");
            shards.Add(shard);
        }

        if (shards.Count is 0 or > MaxShards) throw new CheckpointException(index, $"names {shards.Count:N0} files; 1 to {MaxShards:N0} are allowed.");
        foreach (string shard in shards)
        {
            string path = Path.Combine(_directory, shard);
            if (!File.Exists(path)) throw new CheckpointException(path, $"is missing, but {IndexFile} names it. Fetch the shard.");
            Map(path);
        }

        foreach (var property in map.Element.EnumerateObject())
        {
            if (!_entries.TryGetValue(property.Name, out var entry) || Path.GetFileName(entry.File.Path) != property.Value.GetString())
                throw new CheckpointException(index, $"says that tensor '{property.Name}' is in {property.Value.GetString()}, which does not hold it. Index and shards are of different models.");
        }
    }

    private void Map(string path)
    {
        try
        {
            var file = new MappedFile(path);
            _files.Add(file);
            SafeTensorsHeader.Read(file, _entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CheckpointException(path, $"cannot be mapped: {e.Message}", e);
        }
    }
}
