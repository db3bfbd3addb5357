using System.Diagnostics;
using Actors.Attention;
using Actors.Kernels;
using Actors.KvCache;
using Actors.Models;

namespace Actors.Testing;

/// <summary>Runs one sequence without an engine: backend, pages and attention in the order of a step.</summary>
public sealed class SequenceDriver : IParallelWork, IDisposable
{
    private readonly IModelBackend _backend;
    private readonly RotaryEmbedding _rope;
    private readonly ComputePool _pool;
    private readonly AttentionScratch[] _scratches;
    private float[] _hidden = [], _queries = [], _keys = [], _values = [], _attended = [];
    private int _layer, _first, _rows;

    public SequenceDriver(Checkpoint checkpoint, IModelBackend backend, ComputePool pool, IAttentionPolicy policy, int maximumTokens, KvFormat format = KvFormat.Float16)
    {
        _backend = backend;
        _pool = pool;
        _rope = checkpoint.Config.CreateRotaryEmbedding();
        _scratches = [.. Enumerable.Range(0, pool.Workers).Select(_ => new AttentionScratch())];
        ModelShape shape = backend.Shape;
        KvLayout layout = new(shape.Layers, shape.KvHeads, shape.HeadDim, format);
        Pages = new(layout, (KvLayout.PagesFor(maximumTokens) + 16L) * 2 * layout.PageBytes);
        Table = new(Pages, new("model", policy.Fingerprint, "tenant"));
        Attention = null!;
        Use(policy);
    }

    public PagePool Pages { get; }

    public PageTable Table { get; }

    public SequenceAttention Attention { get; private set; }

    /// <summary>Time spent in attention since the object was made.</summary>
    public TimeSpan AttentionTime { get; private set; }

    /// <summary>Goes on under another policy.</summary>
    public void Use(IAttentionPolicy policy)
    {
        Attention?.Dispose();
        ModelShape shape = _backend.Shape;
        Attention = new(policy, Table, _rope, new(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim));
    }

    /// <summary>Drops the tokens from a position on.</summary>
    public void Truncate(int tokens)
    {
        if (Table.Truncate(tokens) != tokens)
            throw new InvalidOperationException($"The table could not be cut at {tokens}.");
        Attention.OnCommitted();
    }

    /// <summary>Feeds tokens as one chunk.</summary>
    /// <returns>Logits [rows, vocabulary], of all rows or of the last one only.</returns>
    public float[] Step(ReadOnlySpan<int> tokens, bool allRows = false)
    {
        ModelShape shape = _backend.Shape;
        (_first, _rows) = (Table.TokenCount, tokens.Length);
        if (!Table.TryReserve(_rows))
            throw new InvalidOperationException("The test's page pool is too small.");
        Grow(ref _hidden, _rows * shape.HiddenSize);
        Grow(ref _queries, _rows * shape.QueryHeads * shape.HeadDim);
        Grow(ref _attended, _rows * shape.QueryHeads * shape.HeadDim);
        Grow(ref _keys, _rows * shape.KvHeads * shape.HeadDim);
        Grow(ref _values, _rows * shape.KvHeads * shape.HeadDim);
        Span<float> hidden = _hidden.AsSpan(0, _rows * shape.HiddenSize), queries = _queries.AsSpan(0, _rows * shape.QueryHeads * shape.HeadDim);
        Span<float> keys = _keys.AsSpan(0, _rows * shape.KvHeads * shape.HeadDim), values = _values.AsSpan(0, keys.Length);
        _backend.Embed(tokens, hidden);
        for (_layer = 0; _layer < shape.Layers; _layer++)
        {
            _backend.Pre(_layer, _rows, hidden, queries, keys, values);
            Table.Write(_layer, _first, _rows, keys, values);
            long start = Stopwatch.GetTimestamp();
            _pool.Run(this, Attention.Prepare(_layer, _rows, queries));
            AttentionTime += Stopwatch.GetElapsedTime(start);
            _backend.Post(_layer, _rows, _attended.AsSpan(0, queries.Length), hidden);
        }
        Table.Commit(tokens);
        Attention.OnCommitted();
        int outputs = allRows ? _rows : 1;
        float[] logits = new float[outputs * shape.VocabularySize];
        _backend.Head(outputs, hidden[((_rows - outputs) * shape.HiddenSize)..], logits);
        return logits;
    }

    /// <summary>Greedy continuation after the logits of a step, until a stop token or a number of tokens.</summary>
    public List<int> Continue(float[] logits, int count, params ReadOnlySpan<int> stops)
    {
        List<int> tokens = [];
        while (tokens.Count < count)
        {
            int next = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits.AsSpan(logits.Length - _backend.Shape.VocabularySize));
            if (stops.Contains(next))
                break;
            tokens.Add(next);
            logits = Step([next]);
        }
        return tokens;
    }

    public void Execute(int task, int worker)
    {
        int floats = _rows * _backend.Shape.QueryHeads * _backend.Shape.HeadDim;
        Attention.Execute(_layer, task, _first, _rows, _queries.AsSpan(0, floats), _attended.AsSpan(0, floats), _scratches[worker]);
    }

    public void Dispose()
    {
        Attention.Dispose();
        Table.Dispose();
        Pages.Dispose();
    }

    private static void Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[length];
    }
}
