using System.Diagnostics;
using Actors.Kernels;
using Actors.Models;

namespace Actors.Benchmarks.Compute;

/// <summary>A CPU backend with buffers for some rows: everything of a step but attention.</summary>
public sealed class BackendWork : IDisposable
{
    private readonly CpuBackend _backend;
    private readonly int _rows;
    private readonly int[] _tokens;
    private readonly float[] _hidden;
    private readonly float[] _queries;
    private readonly float[] _keys;
    private readonly float[] _values;
    private readonly float[] _logits;

    public BackendWork(Checkpoint checkpoint, ComputePool pool, int rows)
    {
        _backend = new CpuBackend(checkpoint, pool);
        ModelShape s = _backend.Shape;
        _rows = rows;
        _tokens = [.. Enumerable.Range(0, rows)];
        _hidden = new float[rows * s.HiddenSize];
        _queries = new float[rows * s.QueryHeads * s.HeadDim];
        _keys = new float[rows * s.KvHeads * s.HeadDim];
        _values = new float[_keys.Length];
        _logits = new float[s.VocabularySize];
        _backend.Embed(_tokens, _hidden);
        BestSeconds = new double[s.Layers + 1];
        Array.Fill(BestSeconds, double.MaxValue);
    }

    /// <summary>Best time so far of each layer, and of the head behind them, inside whole steps.</summary>
    public double[] BestSeconds { get; }

    public ModelShape Shape => _backend.Shape;

    /// <summary>Pre and Post of one layer.</summary>
    public void Layer(int layer)
    {
        _backend.Pre(layer, _rows, _hidden, _queries, _keys, _values);
        _backend.Post(layer, _rows, _queries, _hidden);
    }

    /// <summary>Embedding, all layers and the head of one row.</summary>
    public void Step()
    {
        _backend.Embed(_tokens, _hidden);
        for (int layer = 0; layer <= _backend.Shape.Layers; layer++)
        {
            long started = Stopwatch.GetTimestamp();
            if (layer < _backend.Shape.Layers)
            {
                Layer(layer);
            }
            else
            {
                _backend.Head(1, _hidden, _logits);
            }

            BestSeconds[layer] = Math.Min(BestSeconds[layer], Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    public void Dispose() => _backend.Dispose();
}
