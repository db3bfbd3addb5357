using System.Diagnostics;
using Actors.Attention;
using Actors.Engine;
using Actors.KvCache;
using Actors.Models;
using Actors.Testing;

namespace Actors.Benchmarks.Attention;

/// <summary>
/// Reads a text once and decodes its continuation under one policy after the other, on one thread: how long attention takes, what it reads, and how much of the exact
/// attention mass that holds.
/// </summary>
public sealed class AttentionBenchmark : IDisposable
{
    private const int SampleEvery = 8;
    private readonly LoadedModel _model;
    private readonly SequenceDriver _driver;
    private readonly int[] _tokens;
    private readonly int _context;
    private readonly AttentionScratch _scratch = new(), _exact = new();

    /// <summary>Reads the context.</summary>
    /// <param name="checkpoint">Directory of the model.</param>
    /// <param name="text">Text; it is repeated when it is too short.</param>
    /// <param name="context">Tokens to read.</param>
    /// <param name="steps">Tokens to decode after them.</param>
    public AttentionBenchmark(string checkpoint, string text, int context, int steps)
    {
        _model = LoadedModel.Open(checkpoint, 1);
        _context = context;
        int[] tokens = _model.Tokenizer.Encode(text, parseSpecialTokens: false);
        _tokens = [.. Enumerable.Range(0, context + steps).Select(i => tokens[i % tokens.Length])];
        _driver = new(_model.Checkpoint, _model.Backend, _model.Pool, Policy("auto"), context + steps);
        foreach (int[] chunk in _tokens[..context].Chunk(512))
            _driver.Step(chunk);
    }

    /// <summary>Decodes under a policy.</summary>
    public AttentionRow Run(string spec)
    {
        IAttentionPolicy policy = Policy(spec);
        SequenceContext sequence = new(_driver.Table, _model.Rope, _model.AttentionShape, policy.Options);
        long start = Stopwatch.GetTimestamp();
        using PolicyReader reader = policy.CreateReader(sequence);
        reader.OnCommitted();
        double build = Stopwatch.GetElapsedTime(start).TotalSeconds;
        AttentionSamples samples = new(_model.AttentionShape);
        for (int i = _context; i < _tokens.Length; i++)
            Step(policy, reader, sequence, _tokens[i], samples, sampled: (i - _context) % SampleEvery == SampleEvery - 1);
        AttentionRow row = samples.Row(spec, _context, build, reader.Bytes);
        _driver.Truncate(_context);
        return row;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _driver.Dispose();
        _model.Dispose();
    }

    private IAttentionPolicy Policy(string spec) => AttentionPolicies.Create(spec, new PolicyEnvironment(_model.Config.TrainedWindow)
    {
        Shape = _model.AttentionShape,
        ModelFingerprint = _model.Fingerprint,
        ModelDirectory = _model.Checkpoint.Directory,
    });

    private void Step(IAttentionPolicy policy, PolicyReader reader, SequenceContext sequence, int token, AttentionSamples samples, bool sampled)
    {
        ModelShape shape = _model.Backend.Shape;
        PageTable table = _driver.Table;
        int position = table.TokenCount;
        AttentionView view = policy.View(position);
        float[] hidden = new float[shape.HiddenSize], queries = new float[shape.QueryHeads * shape.HeadDim], attended = new float[queries.Length];
        float[] keys = new float[shape.KvHeads * shape.HeadDim], values = new float[keys.Length], logits = new float[shape.VocabularySize];
        table.TryReserve(1);
        TimeSpan attention = default, checking = default;
        long begin = Stopwatch.GetTimestamp();
        _model.Backend.Embed([token], hidden);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            _model.Backend.Pre(layer, 1, hidden, queries, keys, values);
            table.Write(layer, position, 1, keys, values);
            long start = Stopwatch.GetTimestamp();
            reader.Prepare(layer, position, 1, queries);
            for (int head = 0; head < shape.KvHeads; head++)
            {
                QueryBlock block = new(_scratch, sequence, layer, head, position, 1);
                _scratch.Counts = default;
                block.Load(queries, shape.QueryHeads);
                reader.Read(block, view);
                block.Store(attended, shape.QueryHeads);
                samples.Count(_scratch.Counts);
                if (!sampled)
                    continue;
                long check = Stopwatch.GetTimestamp();
                QueryBlock exact = new(_exact, sequence, layer, head, position, 1);
                exact.Load(queries, shape.QueryHeads);
                exact.ReadEverything(view);
                samples.Compare(block, exact, _exact);
                checking += Stopwatch.GetElapsedTime(check);
            }
            attention += Stopwatch.GetElapsedTime(start);
            _model.Backend.Post(layer, 1, attended, hidden);
        }
        table.Commit([token]);
        long upkeep = Stopwatch.GetTimestamp();
        reader.OnCommitted();
        TimeSpan kept = Stopwatch.GetElapsedTime(upkeep);
        _model.Backend.Head(1, hidden, logits);
        samples.Add(attention - checking, kept, Stopwatch.GetElapsedTime(begin) - checking, position, sampled);
    }
}
