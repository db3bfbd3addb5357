using Actors.Kernels;

namespace Actors.Models;

/// <summary>The dense part of Llama, Mistral, Qwen2 and Qwen3 models on the processor, straight over the mapped checkpoint.</summary>
/// <remarks>
/// <para>Weights are read where they lie and as they are stored; only norms and biases are copied, as float32. Scratch memory is allocated once
/// for <see cref="ChunkRows"/> rows; longer calls are worked off in chunks.</para>
/// <para>Not thread-safe: one call at a time. The compute pool does the parallel part and may be shared with others that take turns. Checkpoint and pool
/// stay the caller's and must outlive the backend.</para>
/// </remarks>
public sealed unsafe class CpuBackend : IModelBackend
{
    /// <summary>Most rows that go through a layer at once; more rows are cut into chunks.</summary>
    public const int ChunkRows = 256;

    private readonly CpuWeights _weights;
    private readonly PackedRows _normed;
    private readonly PackedRows _attended;
    private readonly PackedRows _activated;
    private readonly LinearWork _linear;
    private readonly NormWork _norm;
    private readonly PackWork _pack;
    private readonly FeedForwardWork _feedForward;
    private readonly HeadNormWork? _headNorm;
    private bool _disposed;

    /// <summary>Checks the weights and allocates the scratch memory.</summary>
    /// <param name="checkpoint">An open checkpoint of a supported family.</param>
    /// <param name="pool">Threads to compute on.</param>
    /// <exception cref="CheckpointException">A tensor is missing or has another shape or element type than the configuration asks for.</exception>
    public CpuBackend(Checkpoint checkpoint, ComputePool pool)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(pool);
        ModelConfig config = checkpoint.Config;
        Shape = config.Shape;
        _weights = new CpuWeights(checkpoint);
        _normed = new PackedRows(ChunkRows, Shape.HiddenSize);
        _attended = new PackedRows(ChunkRows, QueryColumns);
        _activated = new PackedRows(ChunkRows, Shape.FfnSize);
        _linear = new LinearWork(pool);
        _norm = new NormWork(pool, _normed, config.RmsNormEpsilon);
        _pack = new PackWork(pool, _attended);
        _feedForward = new FeedForwardWork(pool, _normed, _activated);
        _headNorm = config.QkNorm ? new HeadNormWork(pool, Shape, config.RmsNormEpsilon) : null;
    }

    /// <inheritdoc/>
    public ModelShape Shape { get; }

    private int QueryColumns => Shape.QueryHeads * Shape.HeadDim;

    private int KeyColumns => Shape.KvHeads * Shape.HeadDim;

    /// <inheritdoc/>
    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden)
    {
        CheckLength(hidden.Length, tokens.Length, Shape.HiddenSize, nameof(hidden));
        WeightMatrix embeddings = _weights.Embeddings;
        for (int row = 0; row < tokens.Length; row++)
        {
            int token = tokens[row];
            if ((uint)token >= (uint)Shape.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"Token {token} is not in the vocabulary of {Shape.VocabularySize} tokens.");
            }

            Span<float> target = hidden.Slice(row * Shape.HiddenSize, Shape.HiddenSize);
            WeightConversion.ToSingle(embeddings.Data + token * embeddings.RowBytes, embeddings.Type, target);
        }
    }

    /// <inheritdoc/>
    public void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values)
    {
        CheckLength(hidden.Length, rows, Shape.HiddenSize, nameof(hidden));
        CheckLength(queries.Length, rows, QueryColumns, nameof(queries));
        CheckLength(keys.Length, rows, KeyColumns, nameof(keys));
        CheckLength(values.Length, rows, KeyColumns, nameof(values));
        CpuLayer weights = Layer(layer);
        fixed (float* x = hidden, q = queries, k = keys, v = values)
        {
            for (int row = 0; row < rows; row += ChunkRows)
            {
                int chunk = Math.Min(ChunkRows, rows - row);
                float* query = q + (nint)row * QueryColumns, key = k + (nint)row * KeyColumns, value = v + (nint)row * KeyColumns;
                _norm.Run(chunk, x + (nint)row * Shape.HiddenSize, weights.AttentionNorm);
                _linear.Over(_normed, chunk)
                    .Product(weights.Query, query, weights.QueryBias)
                    .Product(weights.Key, key, weights.KeyBias)
                    .Product(weights.Value, value, weights.ValueBias)
                    .Run();
                _headNorm?.Run(chunk, weights, query, key);
            }
        }
    }

    /// <inheritdoc/>
    public void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden)
    {
        CheckLength(attended.Length, rows, QueryColumns, nameof(attended));
        CheckLength(hidden.Length, rows, Shape.HiddenSize, nameof(hidden));
        CpuLayer weights = Layer(layer);
        fixed (float* a = attended, x = hidden)
        {
            for (int row = 0; row < rows; row += ChunkRows)
            {
                int chunk = Math.Min(ChunkRows, rows - row);
                float* residual = x + (nint)row * Shape.HiddenSize;
                _pack.Run(chunk, a + (nint)row * QueryColumns);
                _linear.Over(_attended, chunk).Product(weights.Output, residual, weights.OutputBias, add: true).Run();
                _norm.Run(chunk, residual, weights.FeedForwardNorm);
                _feedForward.Run(chunk, weights);
                _linear.Over(_activated, chunk).Product(weights.Down, residual, add: true).Run();
            }
        }
    }

    /// <inheritdoc/>
    public void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits)
    {
        CheckLength(hidden.Length, rows, Shape.HiddenSize, nameof(hidden));
        CheckLength(logits.Length, rows, Shape.VocabularySize, nameof(logits));
        ObjectDisposedException.ThrowIf(_disposed, this);
        fixed (float* x = hidden, y = logits)
        {
            for (int row = 0; row < rows; row += ChunkRows)
            {
                int chunk = Math.Min(ChunkRows, rows - row);
                _norm.Run(chunk, x + (nint)row * Shape.HiddenSize, _weights.FinalNorm);
                _linear.Over(_normed, chunk).Product(_weights.Head, y + (nint)row * Shape.VocabularySize).Run();
            }
        }
    }

    /// <summary>Releases the scratch memory. Checkpoint and pool stay open.</summary>
    public void Dispose()
    {
        _disposed = true;
        _normed.Dispose();
        _attended.Dispose();
        _activated.Dispose();
    }

    private CpuLayer Layer(int layer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if ((uint)layer >= (uint)_weights.Layers.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"Layer {layer} does not exist: the model has layers 0 to {_weights.Layers.Length - 1}.");
        }

        return _weights.Layers[layer];
    }

    private static void CheckLength(int length, int rows, int columns, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (length < (long)rows * columns)
        {
            throw new ArgumentException($"{name} must hold {rows} rows of {columns} values, {(long)rows * columns} in all; it holds only {length}.", name);
        }
    }
}
