using Actors.Attention;
using Actors.Kernels;
using Actors.Models;

namespace Actors.Engine;

/// <summary>
/// Everything that a model directory gives: configuration, weights, tokenizer, chat template, and the backend that computes with them.
/// The parts are immutable and may be shared, except <see cref="Backend"/>, which one engine uses on its step thread.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    private readonly ITokenizer? _tokenizer;
    private readonly ChatTemplate? _chatTemplate;
    private readonly bool _ownsPool;

    internal LoadedModel(
        Checkpoint checkpoint, ITokenizer? tokenizer, ChatTemplate? chatTemplate, IModelBackend backend, ComputePool pool, bool ownsPool)
    {
        Checkpoint = checkpoint;
        _tokenizer = tokenizer;
        _chatTemplate = chatTemplate;
        Backend = backend;
        Pool = pool;
        _ownsPool = ownsPool;
        Rope = checkpoint.Config.CreateRotaryEmbedding();
        ModelShape shape = backend.Shape;
        AttentionShape = new AttentionShape(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim);
        EndTokens = [.. checkpoint.Config.EosTokens.Union(chatTemplate?.StopTokens ?? [])];
    }

    /// <summary>Name of the model as users see it: the name of its directory.</summary>
    public string Id => Checkpoint.Name;

    /// <summary>Identity of the weights; keys and values of another model are never mistaken for this one's.</summary>
    public string Fingerprint => Checkpoint.Fingerprint;

    /// <summary>Configuration and weights.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Configuration.</summary>
    public ModelConfig Config => Checkpoint.Config;

    /// <summary>True when the directory has a tokenizer; without one the engine works on token ids and emits no text.</summary>
    public bool HasTokenizer => _tokenizer is not null;

    /// <summary>The tokenizer.</summary>
    /// <exception cref="ModelLoadException">The directory has none.</exception>
    public ITokenizer Tokenizer => _tokenizer ?? throw new ModelLoadException(
        $"The model directory '{Checkpoint.Directory}' has no tokenizer.json, so text cannot be turned into tokens. Add the file, or give token ids.");

    /// <summary>How conversations are written for this model.</summary>
    /// <exception cref="ModelLoadException">The directory has no tokenizer.</exception>
    public ChatTemplate ChatTemplate => _chatTemplate ?? throw new ModelLoadException(
        $"The model directory '{Checkpoint.Directory}' has no tokenizer.json, so no chat template can be used. Add the file.");

    /// <summary>Linear layers of the model. Not safe for concurrent use: it belongs to the engine's step thread.</summary>
    public IModelBackend Backend { get; }

    /// <summary>Position rotation of the model.</summary>
    public RotaryEmbedding Rope { get; }

    /// <summary>Head counts for attention.</summary>
    public AttentionShape AttentionShape { get; }

    /// <summary>Threads that the backend and attention compute with.</summary>
    public ComputePool Pool { get; }

    /// <summary>Tokens that end an answer, of the configuration and of the chat template together.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Opens a model directory on compute threads of its own.</summary>
    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="threads">Compute threads, 1 or more.</param>
    /// <param name="chatTemplate">Name of the chat template to use instead of the one that fits the checkpoint; null to choose.</param>
    /// <returns>The model; the caller disposes it after every engine that uses it.</returns>
    /// <exception cref="ModelLoadException">The directory cannot be used; the message says why.</exception>
    public static LoadedModel Open(string directory, int threads, string? chatTemplate = null)
    {
        var pool = new ComputePool(threads);
        try
        {
            return Open(directory, pool, ownsPool: true, chatTemplate);
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model directory on given compute threads.</summary>
    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="pool">Compute threads; stays the caller's and must outlive the model. One engine at a time may use it.</param>
    /// <param name="chatTemplate">Name of the chat template to use instead of the one that fits the checkpoint; null to choose.</param>
    /// <returns>The model; the caller disposes it after every engine that uses it.</returns>
    /// <exception cref="ModelLoadException">The directory cannot be used; the message says why.</exception>
    public static LoadedModel Open(string directory, ComputePool pool, string? chatTemplate = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return Open(directory, pool, ownsPool: false, chatTemplate);
    }

    /// <summary>Throws when a token is not in the vocabulary.</summary>
    internal void CheckTokens(ReadOnlySpan<int> tokens, string parameter)
    {
        int vocabulary = Backend.Shape.VocabularySize;
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] >= (uint)vocabulary)
                throw new ArgumentOutOfRangeException(parameter, tokens[i], $"Token {i} is {tokens[i]}, but the model's tokens are 0 to {vocabulary - 1}.");
        }
    }

    /// <summary>The same model with another backend; the result owns everything. Used to wrap the backend.</summary>
    internal LoadedModel WithBackend(Func<IModelBackend, IModelBackend> wrap) =>
        new(Checkpoint, _tokenizer, _chatTemplate, wrap(Backend), Pool, _ownsPool);

    /// <inheritdoc/>
    public void Dispose()
    {
        Backend.Dispose();
        Checkpoint.Dispose();
        if (_ownsPool)
            Pool.Dispose();
    }

    private static LoadedModel Open(string directory, ComputePool pool, bool ownsPool, string? chatTemplate)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Checkpoint? checkpoint = null;
        try
        {
            checkpoint = Checkpoint.Open(directory);
            ITokenizer? tokenizer = null;
            ChatTemplate? template = null;
            if (File.Exists(Path.Combine(checkpoint.Directory, "tokenizer.json")))
            {
                tokenizer = Models.Tokenizer.Load(checkpoint);
                template = ChatTemplate.Load(checkpoint, tokenizer, chatTemplate);
            }
            return new LoadedModel(checkpoint, tokenizer, template, new CpuBackend(checkpoint, pool), pool, ownsPool);
        }
        catch (Exception exception) when (exception is CheckpointException or IOException or UnauthorizedAccessException)
        {
            checkpoint?.Dispose();
            throw new ModelLoadException($"The model directory '{directory}' cannot be used: {exception.Message}", exception);
        }
        catch
        {
            checkpoint?.Dispose();
            throw;
        }
    }
}
