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
    private const int SampleEvery = 8, WarmSteps = 8;
    private readonly LoadedModel _model;
    private readonly SequenceDriver _driver;
    private readonly ObservedBackend _backend;
    private readonly List<BenchmarkedPolicy> _policies = [];
    private readonly int[] _tokens;
    private readonly int _context;
    private readonly TimeProvider _clock;
    private readonly AttentionScratch _scratch = new(), _exact = new();

    /// <summary>Reads the context.</summary>
    /// <param name="checkpoint">Directory of the model.</param>
    /// <param name="text">Text; it is repeated when it is too short.</param>
    /// <param name="context">Tokens to read.</param>
    /// <param name="steps">Tokens to decode after them, some of which only warm up.</param>
    /// <param name="specs">Policies.</param>
    /// <param name="clock">What times are taken from.</param>
    public AttentionBenchmark(string checkpoint, string text, int context, int steps, IEnumerable<string> specs, TimeProvider clock)
    {
        _clock = clock;
        _model = LoadedModel.Open(checkpoint, 1);
        _context = context;
        int[] tokens = _model.Tokenizer.Encode(text, parseSpecialTokens: false);
        _tokens = [.. Enumerable.Range(0, context + steps).Select(i => tokens[i % tokens.Length])];
        _backend = new(_model.Backend, Observe);
        _driver = new(_model.Checkpoint, _backend, _model.Pool, Policy("auto"), context + steps);
        foreach (string spec in specs)
        {
            IAttentionPolicy policy = Policy(spec);
            _policies.Add(new(spec, policy, new(_driver.Table, _model.Rope, _model.AttentionShape, policy.Options)));
        }
        foreach (int[] chunk in _tokens[..context].Chunk(512))
        {
            _driver.Step(chunk);
            foreach (BenchmarkedPolicy policy in _policies)
            {
                long start = clock.GetTimestamp();
                policy.Reader.OnCommitted();
                policy.Build += clock.GetElapsedTime(start);
            }
        }
    }

    /// <summary>Decodes under each policy.</summary>
    public IEnumerable<AttentionRow> Run()
    {
        foreach (BenchmarkedPolicy policy in _policies)
        {
            AttentionSamples samples = new(_model.AttentionShape);
            for (int i = _context; i < _tokens.Length; i++)
                Step(policy, _tokens[i], samples, sampled: (i - _context) % SampleEvery == SampleEvery - 1);
            yield return samples.Row(policy.Spec, _context, policy.Build.TotalSeconds, policy.Reader.Bytes);
            _driver.Truncate(_context);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BenchmarkedPolicy policy in _policies)
            policy.Dispose();
        _driver.Dispose();
        _model.Dispose();
    }

    private IAttentionPolicy Policy(string spec) => AttentionPolicies.Create(spec, new PolicyEnvironment(_model.Config.TrainedWindow)
    {
        Shape = _model.AttentionShape,
        ModelFingerprint = _model.Fingerprint,
        ModelDirectory = _model.Checkpoint.Directory,
    });

    // Only chunks of the context come through the driver.
    private void Observe(int layer, int rows, ReadOnlySpan<float> queries)
    {
        foreach (BenchmarkedPolicy policy in _policies)
            policy.Reader.Prepare(layer, _driver.Table.TokenCount, rows, queries);
    }

    private void Step(BenchmarkedPolicy policy, int token, AttentionSamples samples, bool sampled)
    {
        ModelShape shape = _model.Backend.Shape;
        PageTable table = _driver.Table;
        PolicyReader reader = policy.Reader;
        SequenceContext sequence = policy.Sequence;
        int position = table.TokenCount;
        AttentionView view = policy.Policy.View(position);
        float[] hidden = new float[shape.HiddenSize], queries = new float[shape.QueryHeads * shape.HeadDim], attended = new float[queries.Length];
        float[] keys = new float[shape.KvHeads * shape.HeadDim], values = new float[keys.Length], logits = new float[shape.VocabularySize];
        table.TryReserve(1);
        TimeSpan attention = default, checking = default;
        long begin = _clock.GetTimestamp();
        _model.Backend.Embed([token], hidden);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            _model.Backend.Pre(layer, 1, hidden, queries, keys, values);
            table.Write(layer, position, 1, keys, values);
            long start = _clock.GetTimestamp();
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
                long check = _clock.GetTimestamp();
                QueryBlock exact = new(_exact, sequence, layer, head, position, 1);
                exact.Load(queries, shape.QueryHeads);
                exact.ReadEverything(view);
                samples.Compare(block, exact, _exact);
                checking += _clock.GetElapsedTime(check);
            }
            attention += _clock.GetElapsedTime(start);
            _model.Backend.Post(layer, 1, attended, hidden);
        }
        table.Commit([token]);
        long upkeep = _clock.GetTimestamp();
        reader.OnCommitted();
        TimeSpan kept = _clock.GetElapsedTime(upkeep);
        _model.Backend.Head(1, hidden, logits);
        samples.Add(attention - checking, kept, _clock.GetElapsedTime(begin) - checking, position, sampled || position < _context + WarmSteps);
    }
}
